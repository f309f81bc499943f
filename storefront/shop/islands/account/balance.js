/** The store balance: what there is by currency, and every movement, newest first. */
import { readBalance } from "../../../lib/account.js";
import { t } from "../../../lib/locale.js";
import { money } from "../../../lib/money.js";
import { moment } from "../../../parts/facts.js";
import { html, useSignal } from "../../../vendor/ui.js";
import { Asked, useAsked } from "../../asked.js";

const Row = ({ entry }) => html`
  <li class="row">
    <div class="row-words">
      <p class="row-name">${entry.text}</p>
      <p class="row-facts"><time datetime=${entry.at}>${moment(entry.at)}</time>
        ${entry.note && html`${" · "}${entry.note}`}</p>
    </div>
    <p class="row-facts">${t("account.balance.after", { after: money(entry.after) })}</p>
    <p class="row-sum">${money(entry.amount)}</p>
  </li>`;

const Sums = ({ balances }) => html`
  <ul class="rows">
    ${balances.map((one) => html`
      <li class="row" key=${one.currency}>
        <p class="row-words row-name">${t("account.balance.there", { currency: one.currency })}</p>
        <p class="row-sum">${money(one)}</p>
      </li>`)}
  </ul>`;

function Room() {
  const before = useSignal([]);
  const query = (cursor) => new URLSearchParams(cursor ? { cursor } : {});
  const asked = useAsked((signal, cursor) => readBalance(query(cursor), signal));
  const { busy, data, ask } = asked;
  const more = () => {
    before.value = [...before.value, ...data.items];
    ask(data.nextCursor);
  };
  return html`
    <${Asked} asked=${asked}>${({ balances, items, nextCursor }) => html`
      ${!balances.length && html`<p class="empty">${t("account.balance.empty")}</p>`}
      ${balances.length > 0 && html`
        <${Sums} balances=${balances} />
        <h2 class="section-title">${t("account.balance.movements")}</h2>
        <ul class="rows">
          ${[...before.value, ...items].map((one) => html`<${Row} key=${one.id} entry=${one} />`)}
        </ul>`}
      ${nextCursor && html`
        <button type="button" class="button" aria-disabled=${busy} onClick=${() => busy || more()}>
          ${t("account.balance.more")}</button>`}`}<//>`;
}

export const rooms = { balance: Room };
