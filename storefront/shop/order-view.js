/** How an order stands, in the words of the order page. Pure. */

/** After these nothing changes that a shopper waits for in front of the screen. */
const DONE = ["PAID", "SHIPPED", "DELIVERED", "COMPLETED", "REFUNDING", "REFUNDED"];
const FINAL = ["REVIEW", "REFUNDING", "REFUNDED"];

/**
 * Its texts are `order.<view>.…`. `returned`: the payment page sent the shopper here;
 * `patient`: there is still time to wait for the provider's word.
 */
export function viewOf(order, { returned, patient }) {
  const { status, paymentStatus } = order;
  if (["REFUNDED", "REFUNDING"].includes(paymentStatus)) return "refunded";
  if (paymentStatus === "REVIEW") return "review";
  if (DONE.includes(status)) return "paid";
  // Whoever has just paid is not told that it was too late before the provider has spoken.
  if (returned && patient) return paymentStatus === "PROCESSING" ? "processing" : "confirming";
  if (status === "CANCELLED") return "expired";
  if (paymentStatus === "PROCESSING") return "processing";
  return paymentStatus === "FAILED" ? "declined" : "unpaid";
}

/** Whether asking again can still change the view. */
export function isSettled(order, { returned }) {
  if (DONE.includes(order.status) || FINAL.includes(order.paymentStatus)) return true;
  return order.status === "CANCELLED" && !returned;
}

/** Whether there is something to press: to pay, to buy again, or to ask when waiting takes long. */
export const needsActions = (view, patient) =>
  ["unpaid", "declined", "expired"].includes(view) || (!patient && ["confirming", "processing"].includes(view));
