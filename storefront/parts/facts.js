/** Facts with their names, moments and postal addresses, in its words. */
import { locale } from "../lib/locale.js";
import { html } from "../vendor/ui.js";

export const Fact = ({ name, children }) => html`
  <div class="fact"><dt>${name}</dt><dd>${children}</dd></div>`;

/** A moment, e.g. `20 Nov 2026, 23:14`. */
export const moment = (iso) =>
  new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short" })
    .format(new Date(iso));

export const countryName = (code) => new Intl.DisplayNames(locale.value, { type: "region" }).of(code);

export function Postal({ address }) {
  const town = [address.district, address.postalCode, address.city, address.region].filter(Boolean).join(" ");
  const { name, line1, line2, country, phone } = address;
  const rows = [name, line1, line2, town, countryName(country), phone].filter(Boolean);
  return html`<address class="address">${rows.map((row) => html`<span>${row}</span>`)}</address>`;
}
