// Keeps what is marked data-live true while the page is open. Without this script every page works, only less live.
(() => {
  const live = document.querySelector("[data-live]");
  if (!live || !live.dataset.live || !window.EventSource) return;
  const source = new EventSource(live.dataset.live);
  const state = document.querySelector("[data-live-state]");
  const say = (text) => { if (state) state.textContent = text + " · "; };
  // What is being clicked stays until the button is up again; what came meanwhile comes then.
  let isHeld = false;
  let waiting = null;
  live.addEventListener("pointerdown", () => { isHeld = true; });
  for (const kind of ["pointerup", "pointercancel"]) {
    window.addEventListener(kind, () => setTimeout(() => {
      isHeld = false;
      if (waiting !== null) show(waiting);
    }));
  }
  const show = (text) => {
    waiting = null;
    // Nobody's typing is taken away.
    if (live.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
    const known = new Set([...live.querySelectorAll("[data-key]")].map((one) => one.dataset.key));
    const focused = document.activeElement?.closest?.("[data-live]") === live ? document.activeElement.id : "";
    live.innerHTML = text;
    if (known.size) {
      for (const one of live.querySelectorAll("[data-key]")) {
        if (!known.has(one.dataset.key)) one.classList.add("new");
      }
    }
    if (focused) document.getElementById(focused)?.focus();
  };
  source.addEventListener("page", (event) => {
    say("live");
    if (isHeld) waiting = event.data; else show(event.data);
  });
  source.addEventListener("end", () => { source.close(); say("this session has ended"); });
  source.onerror = () => say("not live: the control plane does not answer; trying again");
})();

// Steps of a simulation: their lines come into view beside them. Without this script they are plain links to the lines.
(() => {
  const trace = document.querySelector(".trace");
  const listing = document.querySelector(".listing");
  if (!trace || !listing) return;
  let shown = [];
  const isBeside = () => listing.scrollHeight > listing.clientHeight;
  const show = (step) => {
    const line = document.getElementById(step.hash.slice(1));
    if (!line) return;
    for (const one of shown) one.classList.remove("at");
    shown = [step, line];
    for (const one of shown) one.classList.add("at");
    const [frame, place] = [listing.getBoundingClientRect(), line.getBoundingClientRect()];
    if (place.top < frame.top + 40 || place.bottom > frame.bottom - 40) {
      listing.scrollTop += place.top - frame.top - frame.height / 3;
    }
  };
  const stepOf = (event) => event.target.closest?.("a[href^='#L']");
  for (const kind of ["mouseover", "focusin"]) {
    trace.addEventListener(kind, (event) => { const step = stepOf(event); if (step) show(step); });
  }
  trace.addEventListener("click", (event) => {
    const step = stepOf(event);
    if (!step) return;
    show(step);
    // Beside each other the page stays where it is; one below the other, the link leads there.
    if (isBeside()) event.preventDefault();
  });
})();

// A program from a file goes into its field.
for (const label of document.querySelectorAll("[data-load]")) {
  label.hidden = false;
  label.querySelector("input").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (file) document.getElementsByName(label.dataset.load)[0].value = await file.text();
  });
}

// Weights: sliders beside the numbers, and their sum as it is.
for (const box of document.querySelectorAll("[data-weights]")) {
  const numbers = [...box.querySelectorAll("input[type=number]")];
  const sum = box.querySelector("[data-sum]");
  const more = box.parentElement.querySelector("[name=value]");
  const add = () => {
    const total = [...numbers, ...(more ? [more] : [])].reduce((all, one) => all + (Number(one.value) || 0), 0);
    sum.textContent = total === 100 ? "Together they are 100 %." :
      `Together they are ${total} %: ${total > 100 ? `take ${total - 100} away` : `${100 - total} are missing`}.`;
  };
  for (const range of box.querySelectorAll("input[type=range]")) {
    const number = numbers.find((one) => one.name === range.dataset.of);
    range.hidden = false;
    range.addEventListener("input", () => { number.value = range.value; add(); });
    number.addEventListener("input", () => { range.value = number.value; add(); });
  }
  more?.addEventListener("input", add);
  add();
}

// Words with a bound: how many characters are left.
for (const area of document.querySelectorAll("textarea[data-count]")) {
  const said = area.nextElementSibling;
  const tell = () => { said.textContent = `${area.maxLength - area.value.length} characters left`; };
  area.addEventListener("input", tell);
  tell();
}
