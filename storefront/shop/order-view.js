/** How an order stands, in the words of the order page. Pure. */

/** After these nothing changes that a shopper waits for. */
const DONE = ["PAID", "SHIPPED", "DELIVERED", "COMPLETED", "REFUNDING", "REFUNDED"];
const FINAL = ["REVIEW", "REFUNDING", "REFUNDED", "CHARGED_BACK"];
const ENDS = { cancelled: "cancelled", payment_failed: "failed" };

/**
 * Its texts are `order.<view>.…`. `returned` from the payment page; `patient`: there is time to wait;
 * `asked`: when the provider said that nothing has come, false: it can't say, null: before.
 */
export function viewOf(order, { returned, patient, asked }) {
  const { status, paymentStatus } = order;
  if (["REFUNDED", "REFUNDING"].includes(paymentStatus)) return "refunded";
  // A bank took back what was to go back; of a paid order it is a mark.
  if (paymentStatus === "CHARGED_BACK" && status === "CANCELLED") return "refunded";
  if (paymentStatus === "REVIEW") return "review";
  if (DONE.includes(status)) return "paid";
  if (endOf(order) === "cancelled") return "cancelled";
  // Who comes back from a paid page may have been refused on it before.
  const declined = paymentStatus === "FAILED" || (order.paymentDeclined && (asked || !returned));
  if (status === "PENDING" && declined) return "declined";
  // Who has just paid is not told that it was too late before the provider has spoken.
  if (returned && patient) return paymentStatus === "PROCESSING" ? "processing" : "confirming";
  if (status === "CANCELLED") return endOf(order);
  if (paymentStatus === "PROCESSING") return "processing";
  if (asked) return "unpaid";
  return patient && asked === null ? "asking" : "unsure";
}

function endOf({ status, history = [] }) {
  const last = history.findLast((one) => one.to === "CANCELLED");
  return status === "CANCELLED" && (ENDS[last?.reason] ?? "expired");
}

/** Whether asking again can still change the view. */
export function isSettled(order, { returned }) {
  if (DONE.includes(order.status) || FINAL.includes(order.paymentStatus)) return true;
  return order.status === "CANCELLED" && (!returned || endOf(order) === "cancelled");
}

/** Whether there is something to press. */
export const needsActions = (view, patient) =>
  ["unpaid", "unsure", "declined", "expired", "failed", "cancelled"].includes(view)
  || (!patient && ["confirming", "processing"].includes(view));
