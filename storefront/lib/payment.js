/** A payment that is made on the order's own page: how to, and what the buyer hands in. */
import { get, post } from "./api.js";

const headersOf = ({ token }) => (token ? { "X-Order-Token": token } : {});

export const readPayment = (key, paymentId, signal) =>
  get(`/api/payment/${encodeURIComponent(paymentId)}`, {
    signal, signed: !key.token, headers: headersOf(key),
  });

/** `given`: `{passphrase}` or `{hash}`. Answers the payment as it is then; given again, the same. */
export const handIn = (key, paymentId, given) =>
  post(`/api/payment/verify/${encodeURIComponent(paymentId)}`, given, {
    signed: !key.token, headers: headersOf(key), repeatable: true,
  });
