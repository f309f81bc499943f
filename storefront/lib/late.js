/** Modules that are read after their page, when they are needed. */
let tries = 0;

/**
 * Reads the module at `path`, as seen `from` the reader's own `import.meta.url`. A browser remembers
 * one that it lost: it is asked for once more, a second later, under another address.
 */
export async function late(path, from) {
  const address = new URL(path, from).href;
  try {
    return await import(address);
  } catch {
    await new Promise((go) => setTimeout(go, 1000));
    return import(`${address}?again=${(tries += 1)}`);
  }
}
