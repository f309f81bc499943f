/**
 * The cart as it is: the server's lines, with wished quantities laid over them until the server
 * has agreed (cart-change.js). An answer replaces the lines wholly; sums are always the server's.
 */
import { get } from "./api.js";
import { recall, remember } from "./store.js";
import { computed, signal } from "../vendor/ui.js";

const KEY = "cart";
const channel = new BroadcastChannel("cartwright.cart");

/** The server's last answer, or null. */
export const cart = signal(null);
/** Wished quantities by variant. */
export const wishes = signal({});
/** Why the last wish was refused: `{variantId, error}`, or null. */
export const refusal = signal(null);
const sending = signal(0);

/** Also the key to the cart; null without one. */
export const cartId = signal(recall(KEY));
let turn = Promise.resolve();

/** Lines as the shopper wishes them; `waiting` until the server has agreed. */
export const lines = computed(() =>
  (cart.value?.lines ?? [])
    .map((line) => {
      const wished = wishes.value[line.variantId];
      return { ...line, quantity: wished ?? line.quantity, waiting: wished !== undefined };
    })
    .filter((line) => line.quantity > 0));

/** How many things are in the cart that can still be changed. */
export const count = computed(() =>
  cart.value?.status === "OPEN" ? lines.value.reduce((sum, line) => sum + line.quantity, 0) : 0);

/** True while sums on show are older than the shopper's wishes. */
export const unsettled = computed(() => sending.value > 0 || Object.keys(wishes.value).length > 0);

export const address = (action = "") => `/api/cart/${cartId.peek()}${action}`;

/** One request at a time. */
export function inTurn(job) {
  // `peek`: who asks from within an effect must not be woken by the answer.
  sending.value = sending.peek() + 1;
  const run = turn.then(job).finally(() => (sending.value = sending.peek() - 1));
  turn = run.catch(() => {});
  return run;
}

/** Take over the server's answer, and tell the other tabs. */
export function adopt(answer, { tell = true } = {}) {
  // Another tab's newer answer may have arrived first.
  if (cart.peek()?.id === answer.id && cart.peek().version > answer.version) return;
  cartId.value = answer.id;
  remember(KEY, answer.id);
  cart.value = answer;
  if (tell) channel.postMessage(answer);
}

function drop({ tell = true } = {}) {
  cartId.value = null;
  remember(KEY, null);
  cart.value = null;
  wishes.value = {};
  if (tell) channel.postMessage(null);
}

channel.onmessage = ({ data }) => (data ? adopt(data, { tell: false }) : drop({ tell: false }));

/** Forget the cart, once its order is paid; another cart stays. */
export function forget(which = cartId.peek()) {
  if (which === cartId.peek()) drop();
}

/** Read the cart again; only within a turn. */
export async function reread() {
  const asked = cartId.peek();
  if (!asked) return;
  try {
    const answer = await get(address(), { signed: true });
    // Forgotten meanwhile: its order is paid, or another tab began a new one.
    if (cartId.peek() === asked) adopt(answer);
  } catch (error) {
    if (error.code !== "CART_NOT_FOUND") throw error;
    drop();
  }
}

export const refresh = () => inTurn(reread);
