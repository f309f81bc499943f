/** One order, asked for again after 1, 2, 3, 5, 8, 8 … seconds until nothing more is to come. */
import { cartOfOrder, readOrder } from "./orders.js";
import { forget } from "./cart.js";
import { resource } from "./resource.js";
import { effect, signal } from "../vendor/ui.js";

const STEPS_S = [1, 2, 3, 5, 8];
const LONGEST_S = 120;

/**
 * @param {(order: object) => boolean} isSettled  nothing more to wait for
 * @returns  `state`; `patient` while there is still time; `ask` begins a new wait, as coming back
 *   to the tab and coming online do; `refresh` only reads
 */
export function watchOrder(key, isSettled) {
  const { state, ask: refresh } = resource((signal) => readOrder(key, signal));
  const patient = signal(true);
  let timer;

  const settled = () => {
    const { data, error } = state.peek();
    return data ? isSettled(data) : error?.status === 404;
  };

  async function ask(turn = 0, waited = 0) {
    clearTimeout(timer);
    patient.value = true;
    await refresh();
    if (settled()) return;
    clearTimeout(timer);
    const pause = STEPS_S[Math.min(turn, STEPS_S.length - 1)];
    if (waited + pause > LONGEST_S) patient.value = false;
    else timer = setTimeout(ask, pause * 1000, turn + 1, waited + pause);
  }

  const again = () => !settled() && document.visibilityState === "visible" && ask();
  document.addEventListener("visibilitychange", again);
  addEventListener("online", again);
  addEventListener("pageshow", (event) => event.persisted && again());

  // What has been bought is no longer in the cart.
  effect(() => {
    if (state.value.data?.status === "PAID") forget(cartOfOrder(key.orderId));
  });

  return { state, patient, ask: () => ask(), refresh };
}
