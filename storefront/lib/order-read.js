/** How an order is opened and read. */
import { get } from "./api.js";

/** What opens an order, unless it is its owner's session. */
export const opened = ({ token }) => (token ? { "X-Order-Token": token } : {});

export const readOrder = (key, signal) =>
  get(`/api/order-status/${encodeURIComponent(key.orderId)}`, {
    signal, signed: !key.token, headers: opened(key),
  });
