/** Opens the cart. What is inside of it is fetched when somebody wants to see it. */
import { refresh } from "../../lib/cart.js";
import { html, signal } from "../../vendor/ui.js";

export const open = signal(false);
const drawer = signal(null);

async function fetchDrawer() {
  drawer.value ??= (await import("./cart-drawer.js")).CartDrawer;
}

export async function openCart() {
  // Stock and prices may have moved since the page was loaded.
  refresh().catch(() => {});
  await fetchDrawer();
  open.value = true;
}

export const CartDoor = () => drawer.value && html`<${drawer.value} />`;

// Once the page itself is there, so that the first opening is as quick as the next.
addEventListener("load", () => setTimeout(fetchDrawer, 1000), { once: true });
