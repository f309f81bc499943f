/** Something read from the API; a newer question ends the older one. */
import { signal } from "../vendor/ui.js";

/** `load(signal, ...args)` is run by `ask(...args)`; old data stays while new is fetched. */
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
