/** Orders that this browser has placed, so that whoever lost their page finds them again. */
import { recall, remember } from "./store.js";

const KEY = "orders";
const MOST = 5;
// No order waits for its payment longer than some hours.
const KEPT_MS = 24 * 3600 * 1000;

/** Those that may still wait, the newest first. */
export const keptOrders = () =>
  (recall(KEY) ?? []).filter(({ at = 0 }) => Date.now() - at < KEPT_MS);

/** Keep `{orderId, orderNumber, token, cartId}`, so that Back from the payment page finds it. */
export function keepOrder(order) {
  const others = keptOrders().filter((one) => one.orderId !== order.orderId);
  remember(KEY, [{ ...order, at: Date.now() }, ...others].slice(0, MOST));
}

/** One has ended: nobody has to come back to it. */
export function dropOrder(orderId) {
  const left = keptOrders().filter((one) => one.orderId !== orderId);
  remember(KEY, left.length ? left : null);
}

export const forgetOrders = () => remember(KEY, null);

/** The order that a cart became, if this browser made it. */
export const orderOfCart = (cartId) =>
  keptOrders().find((one) => one.cartId === cartId) ?? null;

/** The cart that became an order, if this browser made it. */
export const cartOfOrder = (orderId) =>
  keptOrders().find((one) => one.orderId === orderId)?.cartId ?? null;

/** The token stands in the fragment: it reaches no server log and no other site. */
export const orderPage = ({ orderId, token }, query = "") =>
  `/order.html${query}#order=${encodeURIComponent(orderId)}&token=${encodeURIComponent(token)}`;
