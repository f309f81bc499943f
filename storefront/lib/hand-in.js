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
