/** What the account's forms ask for, and whether it has been given. Pure. */

export const SECTIONS = [
  "orders", "subscriptions", "balance", "profile", "addresses", "security", "data",
];
/** Open to those who are not signed in; `verify` and `reset` come from a mail, with a token. */
export const DOORS = ["sign-in", "register", "forgot", "reset", "verify", "find-order"];

/** What the address asks to see. A section asked for by a guest opens once there is a sign-in. */
export function viewOf(asked, signedIn) {
  if (["verify", "reset"].includes(asked)) return asked;
  if (signedIn) return SECTIONS.includes(asked) ? asked : SECTIONS[0];
  return DOORS.includes(asked) ? asked : "sign-in";
}

const MOST = 128;
const LEAST = 8;

/** The shop's rules for a password, each with whether it is kept: `{name, met}`. */
export function passwordRules(typed) {
  // As the shop reads it: the same, however a keyboard composes its letters.
  const text = typed.normalize("NFKC");
  const letters = [...text];
  const thrice = letters.some((one, at) => one === letters[at + 1] && one === letters[at + 2]);
  return [
    { name: "length", met: letters.length >= LEAST && letters.length <= MOST },
    { name: "upper", met: /\p{Lu}/u.test(text) },
    { name: "lower", met: /\p{Ll}/u.test(text) },
    { name: "digit", met: /\p{Nd}/u.test(text) },
    { name: "special", met: /[^\p{L}\p{N}\s]/u.test(text) },
    { name: "thrice", met: text !== "" && !thrice },
  ];
}

/** Loose on purpose: only the shop's own mail can show whether an address is read. */
const looksLikeEmail = (text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
const looksLikeName = (text) =>
  /^[\w\p{Script=Han}]{2,20}$/u.test(text) && !/admin|root|system/i.test(text);

const CHECKS = {
  email: (text) => (looksLikeEmail(text) ? "" : "field.emailWrong"),
  username: (text) => (looksLikeName(text) ? "" : "field.usernameWrong"),
  phone: (text) => (/^\+?[\d\s().-]{6,40}$/.test(text) ? "" : "field.phoneWrong"),
  newPassword: (text) => (passwordRules(text).every((rule) => rule.met) ? "" : "field.passwordWeak"),
};

const email = { name: "email", type: "email", autocomplete: "username", inputmode: "email", maxlength: 254, check: "email" };
const newPassword = { name: "newPassword", kind: "password", autocomplete: "new-password", rules: true, check: "newPassword" };

/** The fields of each form, in the order of the page. */
export const FORMS = {
  "sign-in": [email, { name: "password", kind: "password", autocomplete: "current-password" }],
  register: [
    { ...email, autocomplete: "email" },
    { name: "username", autocomplete: "nickname", maxlength: 40, optional: true, hint: "field.usernameHint", check: "username" },
    { ...newPassword, name: "password" },
  ],
  forgot: [email],
  "find-order": [
    { name: "number", label: "field.orderNumber", autocomplete: "off", autocapitalize: "characters", maxlength: 40, hint: "field.orderNumberHint" },
    { ...email, autocomplete: "email" },
  ],
  reset: [newPassword],
  password: [{ name: "currentPassword", kind: "password", autocomplete: "current-password" }, newPassword],
  erase: [{ name: "password", kind: "password", autocomplete: "current-password" }],
  profile: [
    { name: "username", autocomplete: "nickname", maxlength: 40, optional: true, hint: "field.usernameHint", check: "username" },
    { name: "phone", label: "field.mobile", type: "tel", autocomplete: "tel", inputmode: "tel", maxlength: 40, optional: true, check: "phone" },
    { name: "gender", kind: "select", options: ["female", "male", "other"], optional: true },
    { name: "birthday", type: "date", autocomplete: "bday", optional: true },
    { name: "locale", kind: "select", options: ["en", "zh-CN"], hint: "field.localeHint" },
  ],
};

/** Of an address, what every country's has; the rest is the country's own (address-rules.js). */
export const COUNTRY = { name: "country", kind: "country", autocomplete: "country", wide: true };

export const formOf = (name) => FORMS[name];

const given = (field, values) => {
  const value = values[field.name] ?? "";
  // Spaces at the ends of a password are the shopper's own.
  return field.kind === "password" ? value : value.trim();
};

/** What is wrong, by field: the key of the text to show. Empty: nothing. */
export function faultsOf(fields, values) {
  const faults = {};
  for (const field of fields) {
    const value = given(field, values);
    const fault = value ? CHECKS[field.check]?.(value) : !field.optional && "field.missing";
    if (fault) faults[field.name] = fault;
  }
  return faults;
}

/** The request of a form. What was left empty is left out, or with `clear` said to be nothing. */
export const requestOf = (fields, values, { clear = false } = {}) =>
  Object.fromEntries(fields
    .map((field) => [field.name, given(field, values) || (clear ? null : undefined)])
    .filter(([, value]) => value !== undefined));

/** Refusals of the shop that belong to a field of the form: `{field: sentence}`. */
export const faultsOfAnswer = (fields, error) =>
  Object.fromEntries((error.errors ?? [])
    .filter((entry) => fields.some((field) => field.name === entry.field))
    .map((entry) => [entry.field, entry.message]));
