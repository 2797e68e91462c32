// A link such as /?amount=25 chooses that amount.
const amount = new URLSearchParams(location.search).get("amount");
const choice = document.querySelector(`input[name="amount"][value="${parseInt(amount, 10)}"]`);
if (choice) choice.checked = true;
