/** A payment by red packets: what is still due, and whether another passphrase is asked for. Pure. */

/** What has not come yet, as money. */
export function leftOf({ amount, handedIn }) {
  const came = handedIn.reduce((sum, one) => sum + (one.received?.amount ?? 0), 0);
  return { ...amount, amount: Math.max(0, amount.amount - came) };
}

/** Of a sum that takes several packets the next may come while the first waits. */
export function takesMore(payment, now) {
  const { instructions, handedIn, expiresAt } = payment;
  if (!instructions || leftOf(payment).amount === 0 || now >= Date.parse(expiresAt)) return false;
  const waiting = handedIn.filter((one) => one.status === "WAITING").length;
  const live = handedIn.filter((one) => one.status !== "REJECTED").length;
  return waiting === 0 || live < Number(instructions.facts.packets);
}

/** The key of the text that says what became of one: its reason, where it was rejected. */
export const textKeyOf = ({ status, reason }) =>
  (status === "REJECTED" ? `packet.rejected.${reason}` : `packet.${status.toLowerCase()}`);
