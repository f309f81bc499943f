/** What was ordered, where it goes, and what has happened so far. */
import { locale, t } from "../../lib/locale.js";
import { money } from "../../lib/money.js";
import { Lines, Sums } from "../../parts/lines.js";
import { html } from "../../vendor/ui.js";

function Address({ address }) {
  const country = new Intl.DisplayNames(locale.value, { type: "region" }).of(address.country);
  const town = [address.postalCode, address.city, address.region].filter(Boolean).join(" ");
  const rows = [address.name, address.line1, address.line2, town, country, address.phone].filter(Boolean);
  return html`<address class="address">${rows.map((row) => html`<span>${row}</span>`)}</address>`;
}

/** A moment, e.g. `20 Nov 2026, 23:14`. */
const moment = (iso) =>
  new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short" })
    .format(new Date(iso));

const Timeline = ({ history }) => html`
  <ol class="timeline">
    ${history.map((step) => html`
      <li class="timeline-step" key=${step.at + step.to}>
        <p class="timeline-what">${step.text ?? t(`status.${step.to}`)}</p>
        <time class="timeline-when" datetime=${step.at}>${moment(step.at)}</time>
      </li>`)}
  </ol>`;

const Fact = ({ name, children }) => html`
  <div class="fact"><dt>${name}</dt><dd>${children}</dd></div>`;

export function OrderDetails({ order }) {
  const { amounts } = order;
  const rows = [{ label: t("sum.items"), value: money(amounts.items) }];
  if (order.shippingMethod) {
    const { shipping } = amounts;
    rows.push({ label: t("sum.shipping"), value: shipping.amount ? money(shipping) : t("sum.free") });
  }
  if (amounts.discount.amount) rows.push({ label: t("sum.discount"), value: `−${money(amounts.discount)}` });
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
              <${Fact} name=${t("checkout.address")}><${Address} address=${order.address} /><//>`}
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
