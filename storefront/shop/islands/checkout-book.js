/** The address book at the checkout. Fetched for those who are signed in (checkout.js). */
import { get } from "../../lib/api.js";
import { t } from "../../lib/locale.js";
import { user } from "../../lib/session.js";
import { signedIn } from "../../lib/signed.js";
import { Select } from "../../parts/field.js";
import { effect, html, signal } from "../../vendor/ui.js";
import { NAMES as FIELDS } from "../address-rules.js";

const NAMES = FIELDS.map((name) => `address.${name}`);
const book = signal([]);
const chosen = signal("");

/** An address of the book as the form's values; what it does not have is emptied. */
const valuesOf = (address) =>
  Object.fromEntries(NAMES.map((name) => [name, address?.[name.slice("address.".length)] ?? ""]));

const typed = (values) => NAMES.some((name) => name !== "address.country" && values[name]);

function choose(values, id) {
  chosen.value = id;
  const address = book.peek().find((one) => one.id === id);
  values.value = { ...values.peek(), ...(address ? valuesOf(address) : valuesOf({ country: "" })) };
}

/** Fill in what is known, but nothing that the shopper has begun to type. */
export async function fillIn(values) {
  const [profile, found] = await Promise.all(
    ["/api/user/profile", "/api/user/addresses"].map((path) => get(path, { signed: true })));
  user.value = profile;
  book.value = found.items;
  if (!values.peek().email) values.value = { ...values.peek(), email: profile.email };
  const first = found.items.find((one) => one.isDefault);
  if (first && !typed(values.peek())) choose(values, first.id);
}

/** Signed out, here or in another tab: what came from the account is not left standing. */
effect(() => {
  if (!signedIn.value) location.assign("/account.html?back=checkout");
});

const line = (one) => [one.name, one.line1, one.city].join(", ");

export function Book({ values }) {
  if (!book.value.length) return null;
  const options = book.value.map((one) => ({ value: one.id, text: line(one) }));
  return html`
    <div class="fields book">
      <${Select} name="book" label=${t("checkout.book")} wide optional=${false} value=${chosen.value}
        options=${options} empty=${t("checkout.bookNew")}
        onInput=${(event) => choose(values, event.currentTarget.value)} />
    </div>`;
}
