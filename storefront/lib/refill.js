/** The things of an order that was given up, in the shopper's cart again. */
import { get } from "./api.js";
import { adopt, cart, cartId, inTurn, refresh } from "./cart.js";
import { add } from "./cart-change.js";
import { signedIn } from "./signed.js";

/**
 * A guest who shops with another cart by now keeps it, and has the things added to it.
 * @param {{cartId: string}} filled  the cart that the shop has filled
 * @param {{variantId: string, quantity: number}[]} lines  what was ordered
 * @returns {Promise<boolean>}  whether all of it is in the cart
 */
export async function takeBack(filled, lines) {
  if (signedIn.peek()) return show("/api/cart", { signed: true });
  if (cartId.peek() && !cart.peek()) await refresh().catch(() => {});
  const other = cart.peek();
  const shopping = other?.status === "OPEN" && other.lines.length && other.id !== filled.cartId;
  if (!shopping) return show(`/api/cart/${filled.cartId}`);
  let all = true;
  for (const { variantId, quantity } of lines) await add(variantId, quantity).catch(() => (all = false));
  return all;
}

const show = (path, how) => inTurn(async () => {
  adopt(await get(path, how));
  return true;
});
