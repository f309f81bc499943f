/** What this browser remembers. One that keeps nothing (private mode) still shows the shop. */
const PREFIX = "cartwright.";
const unkept = new Map();

/** The value kept under a name, or null. */
export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? unkept.get(name) ?? null;
  } catch {
    return unkept.get(name) ?? null;
  }
}

/** Keep a JSON value under a name; null forgets it. */
export function remember(name, value) {
  unkept.set(name, value);
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch { /* kept for as long as the page is open */ }
}
