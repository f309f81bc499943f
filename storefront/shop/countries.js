/** The countries the shop delivers to, by name, in the language's own order. */
import { locale } from "../lib/locale.js";
import { settings } from "../lib/settings.js";
import { countryName } from "../parts/facts.js";

export function countries() {
  const order = new Intl.Collator(locale.value);
  return (settings.value.data?.countries ?? [])
    .map((code) => ({ value: code, text: countryName(code) }))
    .sort((a, b) => order.compare(a.text, b.text));
}
