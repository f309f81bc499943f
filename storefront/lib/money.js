/** Money as the API speaks it, `{amount: 1999, currency: "USD"}`: minor units, never a float. */
import { locale } from "./locale.js";

/** How the language writes an amount; the currency knows how many places it has (JPY 0, KWD 3). */
export function money({ amount, currency }) {
  const format = new Intl.NumberFormat(locale.value, {
    style: "currency", currency, currencyDisplay: "narrowSymbol",
  });
  const places = format.resolvedOptions().maximumFractionDigits;
  // As text, so that no amount passes through binary fractions on its way to the page.
  const digits = String(Math.abs(amount)).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const text = places ? `${whole}.${digits.slice(-places)}` : whole;
  return format.format(amount < 0 ? `-${text}` : text);
}
