/** One order, read until nothing more is to come. */
import { cartOfOrder, readOrder } from "./orders.js";
import { forget } from "./cart.js";
import { poll } from "./polling.js";
import { resource } from "./resource.js";
import { effect, signal } from "../vendor/ui.js";

/**
 * @param {{orderId: string, token: string}} key
 * @param {(order: object) => boolean} isSettled  nothing more to wait for
 * @returns {{state: Signal, patient: Signal<boolean>, ask: Function, refresh: Function}}  `patient` while there is
 *   still time; asking by hand, coming back to the tab and coming online begin a new wait
 */
export function watchOrder(key, isSettled) {
  const { state, ask } = resource((signal) => readOrder(key, signal));
  const patient = signal(true);
  let stop = () => {};

  const settled = () => {
    const { data, error } = state.peek();
    return data ? isSettled(data) : error?.status === 404;
  };

  async function wait() {
    stop();
    patient.value = true;
    await ask();
    if (settled()) return;
    stop();
    stop = poll(async () => {
      await ask();
      return settled();
    }, () => (patient.value = false));
  }

  const again = () => !settled() && document.visibilityState === "visible" && wait();
  document.addEventListener("visibilitychange", again);
  addEventListener("online", again);
  addEventListener("pageshow", (event) => event.persisted && again());

  // What has been bought is no longer in the cart.
  effect(() => {
    if (state.value.data?.status === "PAID") forget(cartOfOrder(key.orderId));
  });

  return { state, patient, ask: wait, refresh: ask };
}
