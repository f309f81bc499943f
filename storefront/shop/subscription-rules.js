/** What a subscription shows and offers in the state it is in. Pure. */

const RUNS = ["TRIALING", "ACTIVE", "PAST_DUE", "UNPAID", "PAUSED"];

/** Whether the shopper has it, or is about to: its plan can't be begun a second time. */
export const taken = (one) => RUNS.includes(one.status);

/** What may be done with it, in the order of the buttons. */
export function deedsOf(one, plans) {
  const others = plans.some((plan) => plan.id !== one.planId);
  return {
    pay: Boolean(one.url),
    cancel: (RUNS.includes(one.status) && !one.cancelAtPeriodEnd) || one.status === "INCOMPLETE",
    resume: RUNS.includes(one.status) && one.cancelAtPeriodEnd,
    change: RUNS.includes(one.status) && others && !one.changingTo,
  };
}

/** The colour of its mark. */
export function markOf(one) {
  if (one.cancelAtPeriodEnd || ["PAST_DUE", "UNPAID", "INCOMPLETE"].includes(one.status)) return "warn";
  return one.status === "ACTIVE" || one.status === "TRIALING" ? "good" : "plain";
}

/** The text that says when something happens to it, and the moment; null where nothing does. */
export function whenOf(one) {
  if (one.endedAt) return { key: "account.subscriptions.ended", when: one.endedAt };
  if (!RUNS.includes(one.status) || !one.currentPeriodEnd) return null;
  const key = one.cancelAtPeriodEnd ? "account.subscriptions.ends" : "account.subscriptions.renews";
  return { key, when: one.currentPeriodEnd };
}

/** What is shown: a page that nobody paid and nobody can is not a subscription of anybody's. */
export const shown = (items) => items.filter((one) => one.status !== "EXPIRED");

/** The plans that can be begun. */
export const free = (plans, items) =>
  plans.filter((plan) => !items.some((one) => taken(one) && [one.planId, one.changingTo].includes(plan.id)));
