/** Opens the cart. What is inside of it is fetched when somebody wants to see it. */
import { refresh } from "../../lib/cart.js";
import { late } from "../../lib/late.js";
import { html, signal } from "../../vendor/ui.js";

const open = signal(false);
const drawer = signal(null);

async function fetchDrawer() {
  drawer.value ??= (await late("./cart-drawer.js", import.meta.url)).CartDrawer;
}

export async function openCart() {
  // Stock and prices may have moved since the page was loaded.
  refresh().catch(() => {});
  try {
    await fetchDrawer();
    open.value = true;
  } catch {
    // The checkout shows the cart as well; the page says when it is offline.
    if (navigator.onLine) location.assign("/checkout.html");
  }
}

export const CartSlot = () => drawer.value && html`<${drawer.value} open=${open} />`;

// Soon after the page, for a quick opening; offline it waits.
addEventListener("load", () => setTimeout(() => navigator.onLine && fetchDrawer().catch(() => {}), 1000), { once: true });
