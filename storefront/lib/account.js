/** The account over the API: one function for each thing a shopper can do with it. */
import { call, get, post } from "./api.js";
import { adopt, cart, cartId, inTurn, refresh } from "./cart.js";
import { locale } from "./locale.js";
import { enterAnew, leave, signIn, told } from "./session.js";

const AGAIN = { repeatable: true };
const AS_NOBODY = { signed: false, repeatable: true };
const ours = (path, signal) => get(path, { signed: true, signal });
const put = (path, body) => call("PUT", path, { ...AGAIN, body });
const drop = (path) => call("DELETE", path, AGAIN);
const at = (path, id) => `${path}/${encodeURIComponent(id)}`;

/**
 * Sign in; the guest's cart goes into the account's.
 * @returns {Promise<{before: object[], after: object[]}>}  lines of the guest's cart, and of the
 *   account's afterwards
 */
export async function enter(details) {
  const guest = cartId.peek();
  if (guest && !cart.peek()) await refresh().catch(() => {});
  const before = cart.peek()?.lines ?? [];
  await signIn(guest ? { ...details, cartId: guest } : details);
  await inTurn(async () => adopt(await ours("/api/cart"))).catch(() => {});
  return { before, after: cart.peek()?.lines ?? [] };
}

export const register = (details) =>
  post("/api/auth/register", { ...details, locale: locale.peek() }, AS_NOBODY);
export const verifyEmail = (token) => post("/api/auth/verify-email", { token }, AS_NOBODY);
export const sendLinkAgain = () => post("/api/auth/resend-verification", {}, AGAIN);
export const forgotPassword = (details) => post("/api/auth/forgot-password", details, AS_NOBODY);
export const findOrder = (details) => post("/api/orders/lookup", details, AS_NOBODY);
export const resetPassword = (details) => post("/api/auth/reset-password", details, AS_NOBODY);
export const changePassword = (details) => enterAnew("/api/auth/change-password", details);

export const readProfile = (signal) => ours("/api/user/profile", signal);
export const saveProfile = async (changes) => told(await put("/api/user/profile", changes));

export const readAddresses = (signal) => ours("/api/user/addresses", signal);
export const addAddress = (address) => post("/api/user/addresses", address, AGAIN);
export const saveAddress = (id, address) => put(at("/api/user/addresses", id), address);
export const dropAddress = (id) => drop(at("/api/user/addresses", id));

export const readSessions = (signal) => ours("/api/user/sessions", signal);
export const endSession = (id) => drop(at("/api/user/sessions", id));

export const readOrders = (query, signal) => ours(`/api/orders?${query}`, signal);
export const readBalance = (query, signal) => ours(`/api/balance?${query}`, signal);
export const claimOrders = () => post("/api/user/orders/claim", {}, AGAIN);

export const exportData = () => ours("/api/user/export");
export async function eraseAccount(details) {
  await post("/api/user/erase", details, AGAIN);
  leave("erased");
}
