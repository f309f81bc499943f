/** Checkout: one page, one button, and then straight to where it is paid. */
import { place, placing } from "../../lib/checkout.js";
import { reserve } from "../../lib/cart-change.js";
import { cart, cartId, lines, refresh } from "../../lib/cart.js";
import { textOf } from "../../lib/errors.js";
import { locale, t } from "../../lib/locale.js";
import { settings } from "../../lib/settings.js";
import { signedIn } from "../../lib/signed.js";
import { ErrorSummary, idOf } from "../../parts/field.js";
import { Failure, Notice } from "../../parts/notice.js";
import { effect, html, signal, useEffect } from "../../vendor/ui.js";
import { faultsOf, faultsOfAnswer, requestOf, shortOf, wayToPay } from "../checkout-rules.js";
import { CheckoutForm, addressFields, labelOf } from "../islands/checkout-form.js";
import { Summary } from "../islands/checkout-summary.js";
import { Closed, Nothing } from "../islands/cart-states.js";
import { PayBar, partNow } from "../islands/pay-bar.js";
import { mount, useTitle } from "../layout.js";

const values = signal({});
/** What the shopper or the shop found wrong: `{field: sentence}`, and a sentence for the whole. */
const errors = signal({});
const trouble = signal("");
const failed = signal(null);

const ask = () => {
  failed.value = null;
  refresh().catch((error) => (failed.value = error));
};
ask();

// The first way and the shopper's own country, unless something was chosen before.
effect(() => {
  const known = settings.value.data;
  if (!known) return;
  const home = known.countries.find((code) => navigator.language.endsWith(`-${code}`));
  const first = { shippingMethod: known.shippingMethods[0]?.id, "address.country": home ?? "" };
  values.value = { ...first, ...values.peek() };
});

// Who is signed in finds the form filled in; if that fails, it is filled in by hand as a guest's.
const book = signal(null);
let filling = null;
effect(() => {
  if (!signedIn.value || book.peek()) return;
  filling = import("../islands/checkout-book.js").then((found) => {
    book.value = found.Book;
    return found.fillIn(values);
  }).catch(() => {});
});

// Whoever starts to write should not lose the goods while writing. Reserving is a kindness, not
// a condition: if it fails, the checkout itself says what is short.
let reserving = false;
function reserveOnce() {
  if (reserving || !cartId.value) return;
  reserving = true;
  reserve().catch(() => {});
}

/** What was refused of a field is over once the buyer changes it. */
function changed({ target: { name } }) {
  reserveOnce();
  const { [name]: mended, ...left } = errors.peek();
  if (mended) errors.value = left;
}

const ships = () => Boolean(cart.value?.requiresShipping);

function show(found, sentence = "") {
  errors.value = found;
  trouble.value = sentence;
  // After the next drawing: where to go on reading.
  setTimeout(() => document.getElementById("error-summary")?.focus());
}

const stockWords = (left) => (left > 0 ? t("cart.onlyLeft", { count: left }) : t("cart.soldOut"));

/** A refusal in words: each line that it names, and each fault beside its field. */
function explain(error) {
  const short = shortOf(error).map(({ variantId, left, message }) => {
    const name = lines.peek().find((line) => line.variantId === variantId)?.name || variantId;
    return `${name}: ${Number.isInteger(left) ? stockWords(left) : message}`;
  });
  const found = faultsOfAnswer(error);
  // Of a limit the lines say what is too much, and the whole says what to do about it.
  if (!short.length || error.status === 429) short.push(Object.keys(found).length ? "" : textOf(error));
  show(found, short.join(" "));
  refresh().catch(() => {});
}

async function submit(event) {
  event.preventDefault();
  if (placing.value) return;
  // Who presses the button at once shall not be asked for what is on its way into the form.
  await filling;
  const fields = addressFields(values.value);
  const faults = faultsOf(values.value, ships(), fields);
  if (Object.keys(faults).length) {
    return show(Object.fromEntries(Object.entries(faults).map(([name, key]) => [name, t(key)])));
  }
  show({});
  const chosen = values.value.paymentMethod;
  const paymentMethod = wayToPay(settings.value.data, cart.value?.currency, chosen)?.id;
  try {
    const useBalance = partNow(values.value) > 0;
    const order = await place(
      requestOf(values.value, ships(), { locale: locale.value, paymentMethod, useBalance }, fields));
    if (order) location.assign(order.url);
  } catch (error) {
    explain(error);
  }
}

function Open() {
  return html`
    <div class="checkout" onInput=${changed}>
      <div class="checkout-main">
        ${trouble.value && html`
          <div id="error-summary" tabindex="-1"><${Notice} kind="bad" urgent>${trouble.value}<//></div>`}
        ${!trouble.value && html`<${ErrorSummary} errors=${errors.value} 
          labelOf=${(name) => labelOf(name, addressFields(values.value))} />`}
        <${CheckoutForm} values=${values} errors=${errors.value} ships=${ships()} book=${book.value} onSubmit=${submit} />
      </div>
      <aside class="checkout-side" aria-label=${t("checkout.summary")}>
        <${Summary} shippingMethod=${values.value.shippingMethod} /><${PayBar} values=${values} />
      </aside>
    </div>`;
}

function View() {
  if (!cartId.value) return html`<${Nothing} />`;
  if (!cart.value || !settings.value.data) {
    const error = failed.value ?? settings.value.error;
    return error ? html`<${Failure} text=${textOf(error)} onRetry=${ask} />`
      : html`<div class="checkout skeleton" aria-hidden="true"><span class="bone bone-block"></span></div>`;
  }
  if (cart.value.status === "CHECKED_OUT") return html`<${Closed} cartId=${cart.value.id} />`;
  return lines.value.length ? html`<${Open} />` : html`<${Nothing} />`;
}

function CheckoutPage() {
  useTitle(t("checkout.title"));
  return html`<h1 class="page-title">${t("checkout.title")}</h1><${View} />`;
}

mount(CheckoutPage);
