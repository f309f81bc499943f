/**
 * Who is signed in. The access token lives in memory alone, the refresh token in a cookie that no
 * script can read. One refresh at a time: in this tab by one promise, across tabs by a lock.
 * Fetched only where somebody is signed in, or signs in (layout.js).
 */
import { post } from "./api.js";
import { forget as forgetCart } from "./cart.js";
import { forgetOrders } from "./kept-orders.js";
import { channel, mark, signedIn } from "./signed.js";
import { effect, signal } from "../vendor/ui.js";

// A token that ends while the call is on its way is of no use.
const MARGIN_MS = 10_000;
const LOCK = "cartwright.session";

/** The account as the shop told it last, or null. */
export const user = signal(null);
/** Why nobody is signed in any more, if somebody was: `ended` (elsewhere, or by time), or "". */
export const leftBy = signal("");

let access = null; // {token, until}
let renewing = null;

effect(() => {
  if (signedIn.value) return;
  access = null;
  user.value = null;
});

channel.addEventListener("message", ({ data }) => {
  if (data.access) take(data);
  else if (!data.signedIn) leftBy.value = data.leftBy ?? "";
});

function take(found) {
  // Somebody else signed in in another tab: nothing of the first account stays on show here.
  if (user.peek() && found.user && found.user.id !== user.peek().id) location.reload();
  access = found.access;
  user.value = found.user ?? user.peek();
}

/** Take over what sign-in or refresh answered, and let the other tabs have it. */
function enter(answer) {
  const until = Date.now() + answer.expiresIn * 1000 - MARGIN_MS;
  const found = { access: { token: answer.accessToken, until }, user: answer.user };
  leftBy.value = "";
  mark(true);
  take(found);
  channel.postMessage({ signedIn: true, ...found });
  return answer;
}

/** Signed out here and in every tab; the account's cart and the keys of its orders go with it. */
export function leave(why = "") {
  leftBy.value = why;
  mark(false);
  channel.postMessage({ signedIn: false, leftBy: why });
  forgetCart();
  forgetOrders();
}

/** Nobody refreshes, enters or leaves while another tab does. Old browsers have the shop's grace. */
const alone = (job) => (navigator.locks ? navigator.locks.request(LOCK, job) : job());

const fresh = (refused) =>
  (access && access.token !== refused && access.until > Date.now() ? access.token : null);

async function renew(refused) {
  // While this tab waited for its turn, another one may have been faster, or signed out.
  if (!signedIn.peek()) return null;
  if (fresh(refused)) return fresh(refused);
  try {
    // `keepalive`: the cookie of an answer must not be lost to a click on the next page.
    const options = { signed: false, repeatable: true, keepalive: true };
    return enter(await post("/api/auth/refresh", { cookie: true }, options)).accessToken;
  } catch (error) {
    if (error.status !== 401) throw error;
    leave("ended");
    return null;
  }
}

/** A token that is not the one just refused; null where nobody is signed in (any more). */
function token(refused) {
  if (!signedIn.peek()) return null;
  const found = fresh(refused);
  if (found) return found;
  renewing ??= alone(() => renew(refused)).finally(() => (renewing = null));
  return renewing;
}

const bearer = (mine) => (mine ? { Authorization: `Bearer ${mine}` } : {});

/**
 * Send a call as whoever is signed in. One that is refused (401) goes out once more with a new
 * token, or as nobody's, which is what the shopper then is.
 */
export async function signed(send) {
  const mine = signedIn.peek() ? fresh() ?? await token() : null;
  try {
    return await send(bearer(mine));
  } catch (error) {
    if (error.status !== 401 || !mine) throw error;
    return send(bearer(await token(mine)));
  }
}

/** @returns the shop's whole answer; the refresh token is not in it but in a cookie */
export const signIn = (details) => alone(async () =>
  enter(await post("/api/auth/login", { ...details, cookie: true }, { signed: false })));

/** A change that ends all sessions and answers a new one for this browser. */
export const enterAnew = (path, details) =>
  signed((headers) => alone(async () =>
    enter(await post(path, { ...details, cookie: true }, { headers, signed: false }))));

/** End this session, or all of this account's; every tab of this browser is signed out. */
export async function signOut({ everywhere = false } = {}) {
  const path = everywhere ? "/api/auth/logout-all" : "/api/auth/logout";
  const send = (headers) => alone(() => post(path, {}, { headers, signed: false, repeatable: true }));
  // A session that has ended already is what was asked for.
  await signed(send).catch((error) => {
    if (error.status !== 401) throw error;
  });
  leave();
}

/** What the shop says of the account after a change; other tabs show it, too. */
export function told(account) {
  user.value = account;
  channel.postMessage({ signedIn: true, access, user: account });
}
