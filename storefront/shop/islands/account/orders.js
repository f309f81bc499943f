/** The account's orders, newest first, narrowed by the address; and those bought as a guest. */
import { claimOrders, readOrders } from "../../../lib/account.js";
import { announce } from "../../../lib/announce.js";
import { textOf } from "../../../lib/errors.js";
import { t } from "../../../lib/locale.js";
import { money } from "../../../lib/money.js";
import { orderPage } from "../../../lib/kept-orders.js";
import { user } from "../../../lib/session.js";
import { go, params, withParams } from "../../../lib/urlstate.js";
import { moment } from "../../../parts/facts.js";
import { Notice } from "../../../parts/notice.js";
import { html, useSignal } from "../../../vendor/ui.js";
import { Asked, useAsked } from "../../asked.js";
import { backTo, merged } from "../../merged.js";

const STATUSES = ["PENDING", "PAID", "CANCELLED", "REFUNDED"];

function Narrow({ chosen }) {
  const choose = (event) => go(withParams({ status: event.currentTarget.value || null }));
  return html`
    <label class="pick">
      <span class="pick-label">${t("account.orders.status")}</span>
      <select class="pick-select" name="status" value=${chosen} onChange=${choose}>
        <option value="">${t("account.orders.all")}</option>
        ${STATUSES.map((one) => html`
          <option key=${one} value=${one} selected=${one === chosen}>${t(`account.status.${one}`)}</option>`)}
      </select>
    </label>`;
}

const Row = ({ order }) => html`
  <li class="row">
    <div class="row-words">
      <p class="row-name"><a href=${orderPage({ orderId: order.orderId, token: "" })}>
        <span class="sr">${t("order.number")} </span><span class="number">${order.orderNumber}</span></a></p>
      <p class="row-facts"><time datetime=${order.placedAt}>${moment(order.placedAt)}</time>
        ${" · "}${t("line.things", { count: order.count })}</p>
    </div>
    <p class="mark mark-${order.status === "PAID" ? "good" : "plain"}">${t(`account.status.${order.status}`)}</p>
    <p class="row-sum">${money(order.total)}</p>
  </li>`;

/** One list of orders; another status is another list. */
function List({ status }) {
  const query = (cursor) => new URLSearchParams({ ...(status && { status }), ...(cursor && { cursor }) });
  const before = useSignal([]);
  const asked = useAsked((signal, cursor) => readOrders(query(cursor), signal));
  const { busy, data, ask } = asked;
  const more = () => {
    before.value = [...before.value, ...data.items];
    ask(data.nextCursor);
  };
  return html`
    <${Asked} asked=${asked}>${({ items, nextCursor }) => html`
      ${!items.length && !before.value.length && html`
        <p class="empty">${t("account.orders.empty")}</p>
        <a class="button" href="/">${t("missing.home")}</a>`}
      <ul class="rows">${[...before.value, ...items].map((one) => html`<${Row} key=${one.orderId} order=${one} />`)}</ul>
      ${nextCursor && html`
        <button type="button" class="button" aria-disabled=${busy} onClick=${() => busy || more()}>
          ${t("account.orders.more")}</button>`}`}<//>`;
}

/** Orders of a verified address that were placed without the account. */
function Claim({ onClaimed }) {
  const said = useSignal("");
  const trouble = useSignal("");
  const busy = useSignal(false);
  const claim = async () => {
    if (busy.value) return;
    busy.value = true;
    trouble.value = said.value = "";
    try {
      const { claimed } = await claimOrders();
      said.value = claimed ? t("account.orders.claimed", { count: claimed }) : t("account.orders.none");
      announce(said.value);
      if (claimed) onClaimed();
    } catch (error) {
      trouble.value = textOf(error);
    }
    busy.value = false;
  };
  return html`
    <section class="panel">
      <h2 class="section-title">${t("account.orders.guest")}</h2>
      <p class="panel-words">${t("account.orders.guestWords", { email: user.value?.email ?? "" })}</p>
      ${trouble.value && html`<${Notice} kind="bad" urgent>${trouble.value}<//>`}
      ${said.value && html`<${Notice} kind="good">${said.value}<//>`}
      <button type="button" class="button" aria-disabled=${busy.value} onClick=${claim}>
        ${t("account.orders.claim")}</button>
    </section>`;
}

/** What the sign-in did to the cart, and on to where the shopper was going. */
function Merged() {
  const back = backTo(params.value.get("back"));
  if (!merged.value.length) return null;
  return html`
    <${Notice} kind="good">
      ${merged.value.map((words) => html`<p key=${words}>${words}</p>`)}
      ${back && html`<p><a href=${back}>${t("cart.checkout")}</a></p>`}
    <//>`;
}

function Orders() {
  const round = useSignal(0);
  const asked = params.value.get("status");
  const status = STATUSES.includes(asked) ? asked : "";
  return html`
    <${Merged} />
    <${Narrow} chosen=${status} />
    <${List} key=${status + round.value} status=${status} />
    <${Claim} onClaimed=${() => (round.value += 1)} />`;
}

export const rooms = { orders: Orders };
