/** Contact, address, delivery and note: what the shop has to know. */
import { cart } from "../../lib/cart.js";
import { locale, t } from "../../lib/locale.js";
import { money } from "../../lib/money.js";
import { settings } from "../../lib/settings.js";
import { signedIn } from "../../lib/signed.js";
import { Field, Select, TextArea } from "../../parts/field.js";
import { Icon } from "../../parts/icon.js";
import { html } from "../../vendor/ui.js";
import { formOf } from "../../lib/address-forms.js";
import { fieldsOf, regionsOf } from "../address-rules.js";
import { FIELDS, wayToPay, waysToPay } from "../checkout-rules.js";
import { countries } from "../countries.js";

/** The country's fields, under the names that they have in this form; none while they are unknown. */
export function addressFields(values) {
  const form = formOf(values["address.country"]);
  return form === undefined ? [] : fieldsOf(form, { before: "address.", section: "shipping " });
}

export const labelOf = (name, fields = []) =>
  fields.find((field) => field.name === name)?.said
  ?? t(name === "shippingMethod" ? "checkout.shipping" : `field.${name.replace("address.", "")}`);

const byName = Object.fromEntries(FIELDS.map((field) => [field.name, field]));

/** @param {{field: object, values: Signal, errors: object, wide?: boolean}} props */
function Input({ field, values, errors, ...more }) {
  const { name, examples } = field;
  const value = values.value[name] ?? "";
  const put = (change) => (values.value = { ...values.peek(), ...change });
  const props = {
    ...field, value,
    hint: examples?.length ? t("field.example", { example: examples[0] }) : undefined,
    ...more,
    label: field.said ?? labelOf(name),
    error: errors[name],
    onInput: (event) => put({ [name]: event.currentTarget.value }),
  };
  if (name === "note") return html`<${TextArea} ...${props} />`;
  if (field.kind === "region") {
    return html`<${Select} ...${props} options=${regionsOf(field, value)} empty=${t("field.chooseOne")} />`;
  }
  if (name !== "address.country") return html`<${Field} ...${props} />`;
  // A region belongs to its country.
  const move = (event) => put({ [name]: event.currentTarget.value, "address.region": "" });
  return html`
    <${Select} ...${props} onInput=${move} options=${countries()} empty=${t("field.chooseCountry")} />`;
}

const Section = ({ title, children }) => html`
  <section class="section"><h2 class="section-title">${title}</h2>${children}</section>`;

/** Delivery ways as radio buttons, each with its price and its days. */
function Shipping({ values, errors }) {
  const methods = settings.value.data?.shippingMethods ?? [];
  const choose = (id) => (values.value = { ...values.peek(), shippingMethod: id });
  return html`
    <fieldset class="section ways" aria-describedby=${errors.shippingMethod && "ways-error"}>
      <legend class="section-title">${t("checkout.shipping")}</legend>
      ${methods.map((way, index) => html`
        <label class="way" key=${way.id}>
          <input type="radio" name="shippingMethod" value=${way.id}
            id=${index ? undefined : "field-shippingMethod"}
            checked=${values.value.shippingMethod === way.id} onChange=${() => choose(way.id)} />
          <span class="way-words"><span class="way-name">${way.name}</span>
            <span class="way-days">${t("checkout.days", { from: way.minDays, to: way.maxDays })}</span></span>
          <span class="way-price">${way.price.amount ? money(way.price) : t("sum.free")}</span>
        </label>`)}
      ${errors.shippingMethod && html`
        <p class="field-error" id="ways-error"><${Icon} name="alert" />${errors.shippingMethod}</p>`}
    </fieldset>`;
}

/** Ways to pay as radio buttons, where there is a choice. */
function Paying({ values }) {
  const known = [settings.value.data, cart.value?.currency];
  const methods = waysToPay(...known);
  const chosen = wayToPay(...known, values.value.paymentMethod);
  const choose = (id) => (values.value = { ...values.peek(), paymentMethod: id });
  if (methods.length < 2) return null;
  return html`
    <fieldset class="section ways">
      <legend class="section-title">${t("checkout.payBy")}</legend>
      ${methods.map((way) => html`
        <label class="way" key=${way.id}>
          <input type="radio" name="paymentMethod" value=${way.id}
            checked=${chosen === way} onChange=${() => choose(way.id)} />
          <span class="way-words"><span class="way-name">${way.name}</span></span>
        </label>`)}
    </fieldset>`;
}

/** @param {{values: Signal, errors: object, ships: boolean, book: Component, onSubmit: Function}} props */
export function CheckoutForm({ values, errors, ships, book, onSubmit }) {
  const input = (name, more) => html`
    <${Input} field=${byName[name]} values=${values} errors=${errors} ...${more} />`;
  return html`
    <form id="checkout" class="checkout-form" novalidate onSubmit=${onSubmit} lang=${locale.value}>
      <${Section} title=${t("checkout.contact")}>
        <div class="fields">${input("email", { wide: true, hint: t("checkout.emailHint") })}</div>
        ${!signedIn.value && html`<p><a class="link" href="/account.html?back=checkout">${t("checkout.signIn")}</a></p>`}
      <//>
      ${ships && html`
        <${Section} title=${t("checkout.address")}>
          ${book && html`<${book} values=${values} />`}
          <div class="fields">
            ${input("address.country", { wide: true })}
            ${addressFields(values.value).map((field) => html`
              <${Input} key=${field.name} field=${field} values=${values} errors=${errors} />`)}
          </div>
        <//>
        <${Shipping} values=${values} errors=${errors} />`}
      <${Paying} values=${values} />
      <${Section} title=${t("checkout.note")}><div class="fields">${input("note", { wide: true })}</div><//>
    </form>`;
}
