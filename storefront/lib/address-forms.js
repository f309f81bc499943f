/** What each country's addresses are asked for: read once per country and language. */
import { get } from "./api.js";
import { locale } from "./locale.js";
import { signal } from "../vendor/ui.js";

const known = signal({});
const asked = new Set();
let shown = null;

/** The form of a country; until it is there, the one that was shown before. `null`: nobody knows
 *  it, and the general one has to do. `undefined`: it is on its way, and none was shown before. */
export function formOf(country) {
  if (!country) return shown ?? null;
  const key = `${country} ${locale.value}`;
  if (!(key in known.value)) {
    ask(key, country);
    return shown ?? undefined;
  }
  shown = known.value[key] ?? shown;
  return known.value[key];
}

async function ask(key, country) {
  if (asked.has(key)) return;
  asked.add(key);
  // Without it the shopper still can order: the shop says what is missing.
  const form = await get(`/api/address-forms/${encodeURIComponent(country)}`).catch(() => null);
  known.value = { ...known.peek(), [key]: form };
}
