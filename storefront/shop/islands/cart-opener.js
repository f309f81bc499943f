/** Opens the cart. What is inside of it is fetched when somebody wants to see it. */
import { refresh } from "../../lib/cart.js";
import { late } from "../../lib/late.js";
import { html, signal } from "../../vendor/ui.js";

export const open = signal(false);
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
    // The checkout shows the cart as well. Who is offline is told so by the page already.
    if (navigator.onLine) location.assign("/checkout.html");
  }
}

export const CartSlot = () => drawer.value && html`<${drawer.value} />`;

// Once the page itself is there, so that the first opening is as quick as the next. Who is offline
// by then asks for nothing: the first opening does.
addEventListener("load", () => setTimeout(() => {
  if (navigator.onLine) fetchDrawer().catch(() => {});
}, 1000), { once: true });
