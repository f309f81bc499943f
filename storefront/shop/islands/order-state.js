/** The head of the order page: how it stands, and what can be done about it. */
import { t } from "../../lib/locale.js";
import { Countdown } from "../../parts/countdown.js";
import { Icon } from "../../parts/icon.js";
import { html } from "../../vendor/ui.js";

const LOOKS = {
  paid: "good", refunded: "good", review: "warn", confirming: "wait", processing: "wait",
  declined: "bad", unpaid: "warn", expired: "bad",
};
const ICONS = { good: "check", warn: "hands", bad: "bang", wait: "hands" };

function PayAgain({ order, onOver }) {
  if (!order.url) return null;
  return html`
    <div class="state-actions">
      <a class="button button-main" href=${order.url} rel="noreferrer"><${Icon} name="lock" />${t("order.pay")}</a>
      <p class="state-left">${t("order.left")} <${Countdown} until=${order.expiresAt} onOver=${onOver} /></p>
    </div>`;
}

const Again = ({ busy, onAgain }) => html`
  <div class="state-actions">
    <button type="button" class="button button-main" aria-disabled=${busy} onClick=${onAgain}>
      ${t(busy ? "order.againBusy" : "order.again")}</button>
    <a class="button" href="/">${t("cart.goOn")}</a>
  </div>`;

const Wait = ({ patient, onAsk }) => !patient && html`
  <div class="state-actions">
    <p>${t("order.patience")}</p>
    <button type="button" class="button" onClick=${onAsk}>${t("order.ask")}</button>
  </div>`;

/**
 * @param {{view: string, order: object, patient: boolean, busy: boolean, onAsk: Function,
 *   onAgain: Function, onOver: Function}} props
 */
export function OrderState({ view, order, patient, busy, onAsk, onAgain, onOver }) {
  const look = LOOKS[view];
  return html`
    <section class="state state-${look}" data-state=${view}>
      <span class="state-mark ${look === "wait" && patient ? "state-turning" : ""}"><${Icon} name=${ICONS[look]} /></span>
      <div class="state-words" role="status">
        <h1 class="state-title">${t(`order.${view}.title`)}</h1>
        <p>${t(`order.${view}.words`, { email: order.email })}</p>
      </div>
      ${(view === "unpaid" || view === "declined") && html`<${PayAgain} order=${order} onOver=${onOver} />`}
      ${(view === "confirming" || view === "processing") && html`<${Wait} patient=${patient} onAsk=${onAsk} />`}
      ${view === "expired" && html`<${Again} busy=${busy} onAgain=${onAgain} />`}
    </section>`;
}
