/** Something read from the API, with its three states; a newer question ends the older one. */
import { signal } from "../vendor/ui.js";

/**
 * @param {(signal: AbortSignal, ...args: any[]) => Promise<any>} load
 * @returns `state` (signal of `{data, error, busy}`: old data stays while new is fetched)
 *   and `ask(...args)`.
 */
export function resource(load) {
  const state = signal({ data: null, error: null, busy: true });
  let running;

  async function ask(...args) {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    state.value = { ...state.peek(), error: null, busy: true };
    try {
      const data = await load(mine.signal, ...args);
      if (running === mine) state.value = { data, error: null, busy: false };
    } catch (error) {
      if (running === mine) state.value = { ...state.peek(), error, busy: false };
    }
  }

  return { state, ask };
}
