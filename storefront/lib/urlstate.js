/** The address as state: Back, reload and a shared link show the same thing. */
import { signal } from "../vendor/ui.js";

/** The current query string's parameters; a new object with every change. */
export const params = signal(new URLSearchParams(location.search));
addEventListener("popstate", () => (params.value = new URLSearchParams(location.search)));

/** The address with some parameters changed (null removes one); the page starts over at 1. */
export function withParams(changes) {
  // Read through the signal, so that links are drawn again when the address changes.
  const next = params.value && new URLSearchParams(location.search);
  next.delete("page");
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  const query = next.toString();
  return location.pathname + (query ? `?${query}` : "");
}

/** Go there without loading the page again. */
export function go(address, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  params.value = new URLSearchParams(location.search);
}

/** For links: a plain click stays in the page, a click for a new tab stays the browser's. */
export function follow(event) {
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(event.currentTarget.href);
}
