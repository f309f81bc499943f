/** Modules that are read after their page, when they are needed. */

const PAUSE_MS = 1000;
let tries = 0;

/**
 * Reads a module. A browser remembers one that could not be had as lost: it is asked for once more,
 * a moment later, under another address. Rejects when it can't be had then either.
 * @param {() => Promise<object>} read its `import()`
 * @param {string} address where that is
 */
export async function late(read, address) {
  try {
    return await read();
  } catch {
    await new Promise((go) => setTimeout(go, PAUSE_MS));
    return import(`${address}?again=${(tries += 1)}`);
  }
}
