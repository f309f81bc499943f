/** What a checkout asks for, and whether it has been given. Pure. */

import { ALL, faultsOf as addressFaultsOf } from "./address-rules.js";

/** Fields in the order of the page, those of the country aside (address-rules.js); `ship`: only for
 *  what travels. */
export const FIELDS = [
  { name: "email", type: "email", autocomplete: "email", inputmode: "email", maxlength: 254 },
  { name: "address.country", autocomplete: "shipping country", ship: true },
  { name: "note", optional: true, maxlength: 1000 },
];

const fieldsFor = (ships) => FIELDS.filter((field) => ships || !field.ship);

/** Loose on purpose: only the shop's own mail can show whether an address is read. */
const looksLikeEmail = (text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);

/** What is wrong, by field: the key of the text to show. Empty: nothing. `fields`: the country's. */
export function faultsOf(values, ships, fields = ALL) {
  const faults = {};
  for (const { name, optional } of fieldsFor(ships)) {
    const value = (values[name] ?? "").trim();
    if (!value && !optional) faults[name] = "field.missing";
    else if (name === "email" && !looksLikeEmail(value)) faults[name] = "field.emailWrong";
  }
  if (ships) Object.assign(faults, addressFaultsOf(fields, values));
  if (ships && !values.shippingMethod) faults.shippingMethod = "field.choose";
  return faults;
}

/** Pays beside the others: ticked, not chosen. */
const BALANCE = "balance";

const taking = (settings, currency) =>
  (settings?.paymentMethods ?? []).filter((way) => way.currencies.includes(currency));

/** The ways to pay that take this currency, the shop's favourite first. */
export const waysToPay = (settings, currency) =>
  taking(settings, currency).filter((way) => way.id !== BALANCE);

/** Whether the store balance can be used in this currency. */
export const takesBalance = (settings, currency) =>
  taking(settings, currency).some((way) => way.id === BALANCE);

/** The way to pay that is chosen, or else the shop's favourite. */
export const wayToPay = (settings, currency, chosen) => {
  const ways = waysToPay(settings, currency);
  return ways.find((way) => way.id === chosen) ?? ways[0];
};

/** What a balance pays of a sum: all of it, or so much that a payment is left that can be made:
    not below `least`, and a multiple of `step`. Without these only all of it. */
export function partOf(total, there, remainder) {
  if (there >= total) return total;
  if (!remainder) return 0;
  const { least, step } = remainder;
  const rest = total - Math.min(there, total - least);
  return Math.max(0, total - Math.ceil(rest / step) * step);
}

/** The request of a checkout; what was left empty, and what the country does not ask for, is left
 *  out. */
export function requestOf(values, ships, { locale, paymentMethod, useBalance }, fields = ALL) {
  const given = (name) => (values[name] ?? "").trim() || undefined;
  const request = { email: given("email"), note: given("note"), locale, paymentMethod };
  if (useBalance) request.useBalance = true;
  if (!ships) return request;
  const address = {};
  for (const { name } of [{ name: "address.country" }, ...fields]) {
    address[name.slice("address.".length)] = given(name);
  }
  return { ...request, address, shippingMethod: values.shippingMethod };
}

/** Refusals of the shop that belong to a field of the page: `{field: sentence}`. */
export function faultsOfAnswer(error) {
  const known = new Set([
    ...[...FIELDS, ...ALL].map((field) => field.name), "shippingMethod",
  ]);
  return Object.fromEntries((error.errors ?? [])
    .filter((entry) => known.has(entry.field))
    .map((entry) => [entry.field, entry.message]));
}

/**
 * The lines that a refusal names: `{variantId, left, message}`; `left` only of a shortage, else
 * `message` says what is the matter with the line.
 */
export const shortOf = (error) => (error.errors ?? [])
  .filter((entry) => entry.field?.startsWith("lines."))
  .map((entry) => ({
    variantId: entry.field.slice("lines.".length), left: entry.available, message: entry.message,
  }));
