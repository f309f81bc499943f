/** Orders of this browser, and asking how one stands. */
import { get } from "./api.js";
import { recall, remember } from "./store.js";

const KEY = "orders";
const MOST = 5;

/** Keep `{orderId, orderNumber, token, cartId}`, so that Back from the payment page finds it. */
export function keepOrder(order) {
  const others = (recall(KEY) ?? []).filter((one) => one.orderId !== order.orderId);
  remember(KEY, [order, ...others].slice(0, MOST));
}

export const forgetOrders = () => remember(KEY, null);

/** The order that a cart became, if this browser made it. */
export const orderOfCart = (cartId) =>
  (recall(KEY) ?? []).find((one) => one.cartId === cartId) ?? null;

/** The cart that became an order, if this browser made it. */
export const cartOfOrder = (orderId) =>
  (recall(KEY) ?? []).find((one) => one.orderId === orderId)?.cartId ?? null;

/** The token stands in the fragment: it reaches no server log and no other site. */
export const orderPage = ({ orderId, token }, query = "") =>
  `/order.html${query}#order=${encodeURIComponent(orderId)}&token=${encodeURIComponent(token)}`;

export const readOrder = ({ orderId, token }, signal) =>
  get(`/api/order-status/${encodeURIComponent(orderId)}`, {
    signal, signed: !token, headers: { "X-Order-Token": token },
  });
