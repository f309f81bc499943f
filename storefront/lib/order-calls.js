/** What can be asked of a waiting order; read when something is. */
import { post } from "./api.js";
import { forget } from "./cart.js";
import { cartOfOrder, dropOrder } from "./kept-orders.js";
import { opened } from "./order-read.js";

const call = (path, key, body, options) => post(path, body, { headers: opened(key), ...options });
const at = ({ orderId }, action) => `/api/orders/${encodeURIComponent(orderId)}/${action}`;

/**
 * Have the shop ask the provider how a waiting order's payment stands, and read what came of it.
 * `asked` is a signal: when it said that nothing has come; an answer of before stays while it can't
 * be asked, and without one that is false.
 */
export async function hear(key, state, refresh, asked) {
  const order = state.peek().data;
  if (order?.status !== "PENDING") return;
  try {
    const path = `/api/payment/verify/${encodeURIComponent(order.paymentId)}`;
    await call(path, key, {}, { signed: !key.token });
    await refresh();
    if (state.peek().data?.status === "PENDING") asked.value = new Date().toISOString();
  } catch {
    asked.value ||= false;
  }
}

/** An order is over: what has been bought is no longer in the cart, and nobody looks for it. */
export function ended({ orderId, status }) {
  if (status === "PAID") forget(cartOfOrder(orderId));
  dropOrder(orderId);
}

/** Pay by another method; answers where. */
export const payAnotherWay = (key, method) =>
  call(at(key, "pay"), key, { method }, { repeatable: true });

/** Give the order up; answers the cart that has its things again. */
export const cancelOrder = (key) => call(at(key, "cancel"), key, {}, { repeatable: true });
