/**
 * What the shop may ask for after too many tries: a puzzle that takes this browser a second, or a
 * service's widget. `error.errors` of a 429 holds it; the answer goes out with the call again.
 */
const BATCH = 256;
const encoder = new TextEncoder();

const asked = (error) => error.errors.find((entry) => entry.challenge).challenge;

/** How many zero bits some bytes begin with. */
export function zeroBits(bytes) {
  let bits = 0;
  for (const byte of bytes) {
    if (byte) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
}

/** `<puzzle>~<number>` whose SHA-256 begins with so many zero bits. Hashing leaves the page alive. */
export async function solvePuzzle(puzzle, difficulty) {
  for (let first = 0; ; first += BATCH) {
    const tries = Array.from({ length: BATCH }, (_, at) => `${puzzle}~${first + at}`);
    const hashes = await Promise.all(
      tries.map((text) => crypto.subtle.digest("SHA-256", encoder.encode(text))));
    const found = hashes.findIndex((hash) => zeroBits(new Uint8Array(hash)) >= difficulty);
    if (found >= 0) return tries[found];
  }
}

/** The service's script, once; the page's rules want an address that was meant to be one. */
let loading;
function load(address) {
  loading ??= new Promise((done, fail) => {
    const policy = globalThis.trustedTypes?.createPolicy("challenge", { createScriptURL: (url) => url });
    const script = document.createElement("script");
    script.src = policy ? policy.createScriptURL(address) : address;
    script.onload = () => done();
    script.onerror = () => fail(new Error("the challenge could not be loaded"));
    document.head.append(script);
  });
  loading.catch(() => (loading = undefined));
  return loading;
}

/** The token that the service's widget gives once it is satisfied with who sits here. */
async function showWidget({ script, siteKey, action, data }, place) {
  await load(script);
  return new Promise((done, fail) => {
    place.replaceChildren();
    globalThis.turnstile.render(place, {
      sitekey: siteKey, action, cData: data, callback: done,
      "error-callback": () => fail(new Error("the challenge could not be shown")),
    });
  });
}

const solve = (challenge, place) => (challenge.kind === "turnstile"
  ? showWidget(challenge, place)
  : solvePuzzle(challenge.puzzle, challenge.difficulty));

/**
 * What goes out with the call that was refused with a challenge: `{challenge}`.
 * @param {{place: Element, working: (is: boolean) => void}} page  where a widget goes; told while
 *   an answer is looked for. What cannot be answered is refused as the shop refused it.
 */
export async function answerTo(refused, { place, working }) {
  working(true);
  try {
    return { challenge: await solve(asked(refused), place) };
  } catch {
    throw refused;
  } finally {
    working(false);
    place?.replaceChildren();
  }
}
