/** After a sign-in: what became of the cart, and back to where the shopper came from. */
import { announce } from "../lib/announce.js";
import { t } from "../lib/locale.js";
import { signal } from "../vendor/ui.js";
import { mixed } from "./mixed.js";

/** Sentences about the last merge; empty without one. */
export const merged = signal([]);

// Names, never an address: a link could lead a shopper anywhere.
const BACK = { checkout: "/checkout.html" };
export const backTo = (name) => BACK[name] ?? null;

export function goBack(name) {
  if (backTo(name)) location.assign(backTo(name));
}

/** @param {{before: object[], after: object[]}} lines  what `enter` told (lib/account.js) */
export function sayMerged({ before, after }) {
  const found = mixed(before, after);
  merged.value = found ? [
    t("merged.added", { count: found.count }),
    ...found.short.map((name) => t("merged.short", { name })),
  ] : [];
  if (found) announce(merged.peek().join(" "));
  return merged.peek();
}
