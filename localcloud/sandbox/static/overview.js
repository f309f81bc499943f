// Redraws the page from the server every few seconds, but not under a reader's hands: not while the
// tab is hidden, something inside is focused, or text is selected.
const PAUSE = 4000;

const busy = (live) =>
  document.hidden || live.contains(document.activeElement) || !getSelection().isCollapsed;

async function redraw() {
  const live = document.getElementById("live");
  if (busy(live)) return;
  const answer = await fetch("/", { cache: "no-store" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!busy(live)) live.replaceChildren(...fresh.getElementById("live").childNodes);
}

// Something happens to a payment afterwards; what can't happen now is said beside the button.
document.getElementById("live").addEventListener("click", async ({ target }) => {
  const act = target.closest("[data-act]")?.dataset.act;
  if (!act) return;
  const answer = await fetch(`/_control/${act}`, { method: "POST" });
  target.title = answer.ok ? "" : (await answer.text()).slice(0, 200);
  target.classList.toggle("refused", !answer.ok);
  if (!answer.ok) return;
  target.blur();
  await redraw();
});

setInterval(() => redraw().catch(() => {}), PAUSE); // the sandbox may be restarting
