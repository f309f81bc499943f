/** Giving the shop what proves a payment or makes one: a transaction's hash, a passphrase. */
import { post } from "./api.js";

/**
 * @param {{paymentId: string, token: string}} payment
 * @param {{hash: string} | {passphrase: string}} given
 * @returns {Promise<{status: string, notice: {text: string} | null}>} how the payment stands then
 */
export const handIn = ({ paymentId, token }, given) =>
  post(`/api/payment/verify/${encodeURIComponent(paymentId)}`, given, {
    // Given again, it is the same.
    repeatable: true, signed: !token, headers: { "X-Order-Token": token },
  });

// Within what the shop allows anybody to hand in; after that its own look, each five minutes, tells.
const PAUSE_MS = 30_000;
const MOST_TURNS = 18;

/** Ask on while what was given is being confirmed; `onChange` once that is over. */
export async function follow(payment, given, onChange) {
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    const found = await handIn(payment, given).catch(() => null);
    if (found && found.status !== "PROCESSING") return onChange();
  }
}
