/** The fields of an address, as its country has them (`/api/address-forms/<country>`). Pure. */

/** Every field that an address may have, by the name of the API. */
export const NAMES =
  ["name", "phone", "line1", "line2", "district", "city", "region", "postalCode", "country"];

const TOKENS = {
  name: "name", line1: "address-line1", line2: "address-line2", district: "address-level3",
  city: "address-level2", region: "address-level1", postalCode: "postal-code", phone: "tel",
};
const WIDE = ["name", "line1", "line2", "phone"];

/** What is asked for while nobody knows the country's own form. */
const GENERAL = {
  fields: ["name", "line1", "line2", "district", "city", "region", "postalCode", "phone"]
    .map((name) => ({ name, required: ["name", "line1"].includes(name) })),
};

/** A country's form as fields of a page. `before`: what stands before each name (`address.`);
 *  `section`: before each autocomplete token (`shipping `). */
export const fieldsOf = (form, { before = "", section = "" } = {}) =>
  (form ?? GENERAL).fields.map(({ name, label, required, pattern, examples = [], options = [] }) => ({
    name: before + name,
    said: label,
    label: `field.${name}`,
    kind: options.length ? "region" : undefined,
    options, pattern, examples,
    optional: !required,
    wide: WIDE.includes(name),
    autocomplete: section + TOKENS[name],
    maxlength: { postalCode: 20, phone: 40 }[name] ?? 120,
    ...(name === "phone" && { type: "tel", inputmode: "tel" }),
    ...(examples.length && examples.every((one) => /^\d+$/.test(one)) && { inputmode: "numeric" }),
  }));

/** The general form's fields, under the names that a checkout has for them. */
export const ALL = fieldsOf(null, { before: "address.", section: "shipping " });

/** Whether a field may hold this; the shop itself looks closer. */
function fits({ pattern }, value) {
  if (!pattern || !value) return true;
  // As the shop reads it: capitals, plain digits, without the mark that Japan puts before.
  const code = value.normalize("NFKC").toUpperCase().replace("〒", "").trim();
  return new RegExp(`^(?:[A-Z]{2}-)?(?:${pattern})$`, "u").test(code);
}

/** A part of the country with a post of its own: what it needs, the shop knows. */
const apart = (fields, values) => fields.some(({ name, options }) =>
  options?.some((one) => one.ownPost && one.value === values[name]));

/** What is wrong, by field: the key of the text to show. Empty: nothing. */
export function faultsOf(fields, values) {
  const own = apart(fields, values);
  const faults = {};
  for (const field of fields) {
    const value = (values[field.name] ?? "").trim();
    const must = !field.optional && !(own && /(city|postalCode)$/.test(field.name));
    if (!value && must) faults[field.name] = field.options?.length ? "field.choose" : "field.missing";
    else if (!own && !fits(field, value)) faults[field.name] = "field.codeWrong";
  }
  return faults;
}

/** The regions to choose from; one that came from elsewhere, e.g. the address book, is among them. */
export function regionsOf({ options }, value) {
  const known = !value || options.some((one) => one.value === value);
  return known ? options : [{ value, text: value }, ...options];
}
