/** Subscriptions over the API. Asked twice, each of these does its thing once. */
import { get, post } from "./api.js";

const AGAIN = { repeatable: true };
const at = (id, deed) => `/api/subscriptions/${encodeURIComponent(id)}/${deed}`;

export const readPlans = (signal) => get("/api/subscriptions/plans", { signal });
export const readSubscriptions = (signal) => get("/api/subscriptions", { signed: true, signal });
export const subscribe = (planId, currency) => post("/api/subscriptions", { planId, currency }, AGAIN);
export const cancelSubscription = (id) => post(at(id, "cancel"), {}, AGAIN);
export const resumeSubscription = (id) => post(at(id, "resume"), {}, AGAIN);
export const changePlan = (id, planId) => post(at(id, "change"), { planId }, AGAIN);
