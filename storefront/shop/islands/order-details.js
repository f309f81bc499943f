/** An order. */
import { t } from "../../lib/locale.js";
import { money } from "../../lib/money.js";
import { Lines, Sums } from "../../parts/lines.js";
import { Fact, Postal, moment } from "../../parts/facts.js";
import { html } from "../../vendor/ui.js";

const Timeline = ({ history }) => html`
  <ol class="timeline">
    ${history.map((step) => html`
      <li class="timeline-step" key=${step.at + step.to}>
        <p class="timeline-what">${step.text ?? t(`status.${step.to}`)}${step.amount && ` · ${money(step.amount)}`}</p>
        <time class="timeline-when" datetime=${step.at}>${moment(step.at)}</time>
      </li>`)}
  </ol>`;

export function OrderDetails({ order }) {
  const { amounts } = order;
  const rows = [{ label: t("sum.items"), value: money(amounts.items) }];
  if (order.shippingMethod) {
    const { shipping } = amounts;
    rows.push({ label: t("sum.shipping"), value: shipping.amount ? money(shipping) : t("sum.free") });
  }
  const { discount, paidByBalance } = amounts;
  if (discount.amount) rows.push({ label: t("sum.discount"), value: `−${money(discount)}` });
  if (paidByBalance.amount) rows.push({ label: t("sum.byBalance"), value: money(paidByBalance) });
  return html`
    <div class="order">
      <section class="panel">
        <h2 class="panel-title">${t("order.items")}</h2>
        <${Lines} lines=${order.lines} />
        <${Sums} rows=${rows} total=${amounts.total} />
      </section>
      <div class="order-side">
        <section class="panel">
          <h2 class="panel-title">${t("order.about")}</h2>
          <dl class="facts-list">
            <${Fact} name=${t("order.number")}><span class="number">${order.orderNumber}</span><//>
            <${Fact} name=${t("order.placed")}>
              <time datetime=${order.placedAt}>${moment(order.placedAt)}</time><//>
            <${Fact} name=${t("field.email")}>${order.email}<//>
            ${order.shippingMethod && html`
              <${Fact} name=${t("checkout.shipping")}>${order.shippingMethod.name}<//>`}
            ${order.address && html`
              <${Fact} name=${t("checkout.address")}><${Postal} address=${order.address} /><//>`}
            ${order.dispute && html`
              <${Fact} name=${t("order.dispute")}>
                <span data-dispute=${order.dispute.status}>
                  ${t(`order.dispute.${order.dispute.status}`, { amount: money(order.dispute.amount) })}</span><//>`}
            ${order.note && html`<${Fact} name=${t("field.note")}>${order.note}<//>`}
          </dl>
        </section>
        <section class="panel">
          <h2 class="panel-title">${t("order.history")}</h2>
          <${Timeline} history=${order.history} />
        </section>
      </div>
    </div>`;
}
