/**
 * Changing the cart. Wished quantities are absolute, rest 250 ms, and go out one request at a
 * time, only the newest of each line; a refusal drops the wish and says why.
 */
import { post } from "./api.js";
import { address, adopt, cartId, inTurn, refresh, refusal, reread, wishes } from "./cart.js";

const REST_MS = 250;
let timer;

const begin = async () => adopt(await post("/api/cart/create", {}));

/** Put more of a variant into the cart; a cart that is closed or gone is followed by a new one. */
export const add = (variantId, quantity) => inTurn(async () => {
  refusal.value = null;
  const put = async () => adopt(await post(address("/add"), { variantId, quantity }));
  if (!cartId.peek()) await begin();
  try {
    await put();
  } catch (error) {
    if (!["CART_CLOSED", "CART_NOT_FOUND"].includes(error.code)) throw error;
    await begin();
    await put();
  }
});

/** Ask the shop to keep what is in the cart aside for a while. */
export const reserve = () => inTurn(async () => {
  adopt(await post(address("/reserve"), {}, { repeatable: true }));
});

/** Wish for a quantity; 0 takes the line out. */
export function wish(variantId, quantity) {
  refusal.value = null;
  wishes.value = { ...wishes.peek(), [variantId]: quantity };
  clearTimeout(timer);
  timer = setTimeout(settle, REST_MS);
}

/** Send what is wished now, and wait until the server has answered everything. */
export function settle() {
  clearTimeout(timer);
  return inTurn(async () => {
    for (const [variantId, quantity] of Object.entries(wishes.peek())) await send(variantId, quantity);
  });
}

async function send(variantId, quantity) {
  try {
    adopt(await update(variantId, quantity, { repeatable: true }));
  } catch (error) {
    refusal.value = { variantId, error };
    // The refusal says what is left; the lines should, too.
    await reread().catch(() => {});
  }
  // A newer wish of the same line stays, and goes out in its own turn.
  if (wishes.peek()[variantId] !== quantity) return;
  const { [variantId]: _, ...rest } = wishes.peek();
  wishes.value = rest;
}

const update = (variantId, quantity, options) =>
  post(address("/update"), { variantId, quantity }, options);

// Leaving must not lose the last click: `keepalive` outlives the page.
addEventListener("pagehide", () => {
  clearTimeout(timer);
  for (const [variantId, quantity] of Object.entries(wishes.peek())) {
    update(variantId, quantity, { keepalive: true }).catch(() => {});
  }
});

addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  wishes.value = {};
  refresh().catch(() => {});
});
