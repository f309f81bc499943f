/** One order, asked for again and again until nothing more is to come. */
import { late } from "./late.js";
import { readOrder } from "./order-read.js";
import { resource } from "./resource.js";
import { effect, signal } from "../vendor/ui.js";

const STEPS_S = [1, 2, 3, 5, 8];
const LONGEST_S = 120;
// When the provider itself is asked.
const PROVIDER_TURNS = [0, 2, 4, 7, 11, 15];

/**
 * @param {(order: object) => boolean} isSettled
 * @returns  `state`; `patient` while there is still time; `asked`: see `viewOf`; `ask` begins a new
 *   wait, as coming back to the tab and coming online do; `refresh` only reads
 */
export function watchOrder(key, isSettled) {
  const { state, ask: refresh } = resource((signal) => readOrder(key, signal));
  const patient = signal(true);
  const asked = signal(null);
  let timer;
  let wait = 0;

  const settled = () => {
    const { data, error } = state.peek();
    return data ? isSettled(data) : error?.status === 404;
  };

  async function turnOf(mine, turn, waited) {
    await refresh();
    if (mine === wait && !settled() && PROVIDER_TURNS.includes(turn)) {
      const calls = await late("./order-calls.js", import.meta.url).catch(() => null);
      if (calls) await calls.hear(key, state, refresh, asked);
      else asked.value ||= false;
    }
    if (mine !== wait || settled()) return;
    const pause = STEPS_S[Math.min(turn, STEPS_S.length - 1)];
    if (waited + pause > LONGEST_S) patient.value = false;
    else timer = setTimeout(turnOf, pause * 1000, mine, turn + 1, waited + pause);
  }

  function ask() {
    clearTimeout(timer);
    patient.value = true;
    wait += 1;
    return turnOf(wait, 0, 0);
  }

  const again = () => !settled() && document.visibilityState === "visible" && ask();
  document.addEventListener("visibilitychange", again);
  addEventListener("online", again);
  addEventListener("pageshow", (event) => event.persisted && again());

  effect(() => {
    const order = state.value.data;
    if (order && order.status !== "PENDING") late("./order-calls.js", import.meta.url).then((calls) => calls.ended(order), () => {});
  });

  return { state, patient, asked, ask, refresh };
}
