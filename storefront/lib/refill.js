/** The things of an order that was given up, in the shopper's cart again. */
import { get } from "./api.js";
import { adopt, cart, cartId, inTurn, refresh } from "./cart.js";
import { add } from "./cart-change.js";
import { signedIn } from "./signed.js";

/**
 * A guest who shops with another cart by now keeps it, and has the things added to it.
 * @param {{cartId: string}} filled  the cart that the shop has filled
 * @param {{variantId: string, quantity: number}[]} lines  what was ordered
 */
export async function takeBack(filled, lines) {
  if (signedIn.peek()) return inTurn(async () => adopt(await get("/api/cart", { signed: true })));
  if (cartId.peek() && !cart.peek()) await refresh().catch(() => {});
  const other = cart.peek();
  const shopping = other?.status === "OPEN" && other.lines.length && other.id !== filled.cartId;
  if (!shopping) return inTurn(async () => adopt(await get(`/api/cart/${filled.cartId}`)));
  for (const { variantId, quantity } of lines) await add(variantId, quantity).catch(() => {});
}
