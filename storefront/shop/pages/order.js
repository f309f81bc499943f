/** An order: it follows the payment without being loaded again, and says what can be done. */
import { announce } from "../../lib/announce.js";
import { textOf } from "../../lib/errors.js";
import { locale, t } from "../../lib/locale.js";
import { watchOrder } from "../../lib/order-watch.js";
import { Failure, Notice } from "../../parts/notice.js";
import { effect, html, signal } from "../../vendor/ui.js";
import { openCart } from "../islands/cart-door.js";
import { OrderDetails } from "../islands/order-details.js";
import { OrderState } from "../islands/order-state.js";
import { mount, useTitle } from "../layout.js";
import { isSettled, viewOf } from "../order-view.js";

const fragment = new URLSearchParams(location.hash.slice(1));
const query = new URLSearchParams(location.search);
const key = { orderId: fragment.get("order") ?? "", token: fragment.get("token") ?? "" };
const complete = Boolean(key.orderId && key.token);
const visit = { returned: query.has("session") };
// A link to another order, pasted into the same tab, changes the fragment alone.
addEventListener("hashchange", () => location.reload());

const busy = signal(false);
const trouble = signal("");
const { state, patient, ask, refresh } = watchOrder(key, (order) => isSettled(order, visit));
let asked = false;
effect(() => {
  locale.value;
  if (!complete) return;
  if (asked) refresh();
  else ask();
  asked = true;
});

async function again() {
  if (busy.value) return;
  busy.value = true;
  trouble.value = "";
  try {
    const { buyAgain } = await import("../../lib/again.js");
    const missing = await buyAgain(state.value.data.lines);
    if (missing.length) trouble.value = t("order.againMissing", { names: missing.join(", ") });
    else announce(t("order.againDone"));
    openCart();
  } catch (error) {
    trouble.value = textOf(error);
  }
  busy.value = false;
}

function Unknown() {
  useTitle(t("order.unknown"));
  return html`
    <div class="nothing">
      <h1>${t("order.unknown")}</h1>
      <p>${t("order.unknownWords")}</p>
      <a class="button button-main" href="/">${t("missing.home")}</a>
    </div>`;
}

function Shown({ order }) {
  const view = viewOf(order, { ...visit, patient: patient.value });
  useTitle(`${t(`order.${view}.title`)} · ${order.orderNumber}`);
  return html`
    <${OrderState} view=${view} order=${order} patient=${patient.value} busy=${busy.value}
      onAsk=${ask} onAgain=${again} onOver=${ask} />
    ${trouble.value && html`<${Notice} kind="bad" urgent>${trouble.value}<//>`}
    <${OrderDetails} order=${order} />`;
}

function Waiting() {
  const { error } = state.value;
  useTitle(t("order.page"));
  if (error) {
    return html`
      <h1 class="page-title">${t("order.page")}</h1>
      <${Failure} text=${textOf(error)} onRetry=${ask} />`;
  }
  return html`
    <h1 class="sr">${t("order.page")}</h1>
    <div class="skeleton" aria-hidden="true"><span class="bone bone-state"></span><span class="bone bone-block"></span></div>`;
}

function OrderPage() {
  const { data, error } = state.value;
  if (data) return html`<${Shown} order=${data} />`;
  if (!complete || error?.status === 404) return html`<${Unknown} />`;
  return html`<${Waiting} />`;
}

mount(OrderPage);
