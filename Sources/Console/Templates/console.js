// Keeps what is marked data-live true while the page is open. Without this script every page works, only less live.
(() => {
  const live = document.querySelector("[data-live]");
  if (!live || !live.dataset.live || !window.EventSource) return;
  const source = new EventSource(live.dataset.live);
  const state = document.querySelector("[data-live-state]");
  const say = (text) => { if (state) state.textContent = text + " · "; };
  source.addEventListener("page", (event) => {
    say("live");
    // Nobody's typing is taken away.
    if (live.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
    const known = new Set([...live.querySelectorAll("[data-key]")].map((one) => one.dataset.key));
    const focused = document.activeElement?.closest?.("[data-live]") === live ? document.activeElement.id : "";
    live.innerHTML = event.data;
    if (known.size) {
      for (const one of live.querySelectorAll("[data-key]")) {
        if (!known.has(one.dataset.key)) one.classList.add("new");
      }
    }
    if (focused) document.getElementById(focused)?.focus();
  });
  source.addEventListener("end", () => { source.close(); say("this session has ended"); });
  source.onerror = () => say("not live: the control plane does not answer; trying again");
})();
