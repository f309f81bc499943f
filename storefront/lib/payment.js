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

// Within what the shop allows anybody to hand in; after that its own look, each five minutes, tells.
const PAUSE_MS = 30_000;
const MOST_TURNS = 18;

/** Ask on while what was given is being confirmed; `onChange` once that is over. */
export async function follow(key, paymentId, given, onChange) {
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    const found = await handIn(key, paymentId, given).catch(() => null);
    if (found && found.status !== "PROCESSING") return onChange();
  }
}
