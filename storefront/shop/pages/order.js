/** An order: it follows the payment without being loaded again, and says what can be done. */
import { textOf } from "../../lib/errors.js";
import { late } from "../../lib/late.js";
import { locale, t } from "../../lib/locale.js";
import { watchOrder } from "../../lib/order-watch.js";
import { signedIn } from "../../lib/signed.js";
import { Failure } from "../../parts/notice.js";
import { effect, html, signal } from "../../vendor/ui.js";
import { OrderDetails } from "../islands/order-details.js";
import { OrderState } from "../islands/order-state.js";
import { mount, useTitle } from "../layout.js";
import { isSettled, needsActions, viewOf } from "../order-view.js";

const fragment = new URLSearchParams(location.hash.slice(1));
const query = new URLSearchParams(location.search);
const key = { orderId: fragment.get("order") ?? "", token: fragment.get("token") ?? "" };
const complete = () => key.orderId && (key.token || signedIn.value);
const visit = { returned: query.has("session") };
// A link to another order changes the fragment alone.
addEventListener("hashchange", () => location.reload());

const { state, patient, asked, ask, refresh } = watchOrder(key, (order) => isSettled(order, visit));
let begun = false;
effect(() => {
  locale.value;
  if (!complete()) return;
  (begun ? refresh : ask)();
  begun = true;
});

// Read last: most orders need nothing done.
const actions = signal(null);
const lost = signal(null);
const fetchActions = () => late("../islands/order-actions.js", import.meta.url)
  .then((found) => (actions.value = found), (error) => (lost.value = error));
addEventListener("load", fetchActions, { once: true });
const Lost = () => !actions.value && lost.value && html`<${Failure} text=${textOf(lost.value)} onRetry=${fetchActions} />`;

function Shown({ order }) {
  const view = viewOf(order, { ...visit, patient: patient.value, asked: asked.value });
  useTitle(`${t(`order.${view}.title`)} · ${order.orderNumber}`);
  return html`
    <${OrderState} view=${view} order=${order} patient=${patient.value} asked=${asked.value}>
      ${needsActions(view, patient.value) && html`
        <div class="state-actions">
          <${Lost} />
          ${actions.value && html`<${actions.value.OrderActions} view=${view} order=${order} orderKey=${key} onAsk=${ask} />`}
        </div>`}
    <//>
    ${actions.value && html`<${actions.value.PayHere} view=${view} order=${order} onAsk=${ask} orderKey=${key} />`}
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
  if (!complete() || (!data && error?.status === 404)) return actions.value ? html`<${actions.value.Unknown} />` : html`<${Lost} />`;
  if (data) return html`<${Shown} order=${data} />`;
  return html`<${Waiting} />`;
}

mount(OrderPage);
