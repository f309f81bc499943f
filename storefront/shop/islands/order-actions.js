/** What most orders never need (order.js): what can be done about one that is not paid, and what is
 *  shown instead of one that can't be. */
import { buyAgain } from "../../lib/again.js";
import { announce } from "../../lib/announce.js";
import { textOf } from "../../lib/errors.js";
import { t } from "../../lib/locale.js";
import { Countdown } from "../../parts/countdown.js";
import { Icon } from "../../parts/icon.js";
import { Notice } from "../../parts/notice.js";
import { html, signal } from "../../vendor/ui.js";
import { useTitle } from "../layout.js";
import { openCart } from "./cart-opener.js";
import { GiveUp, OtherWays, takenBack } from "./order-choices.js";

export { PayHere } from "./pay-here.js";

const busy = signal(false);
const trouble = signal("");

async function again(lines) {
  if (busy.value) return;
  busy.value = true;
  trouble.value = "";
  try {
    const missing = await buyAgain(lines);
    if (missing.length) trouble.value = t("order.againMissing", { names: missing.join(", ") });
    else announce(t("order.againDone"));
    openCart();
  } catch (error) {
    trouble.value = textOf(error);
  }
  busy.value = false;
}

const AskAgain = ({ onAsk }) => html`
  <button type="button" class="button" onClick=${onAsk}>${t("order.ask")}</button>`;

/** `sure`: the provider was asked, so that paying now is not paying twice. */
const Pay = ({ order, onAsk, sure = true, ...props }) => html`
  ${order.url && !order.instructionKind && html`
    <a class="button ${sure ? "button-main" : ""}" href=${order.url} rel="noreferrer">
      <${Icon} name="lock" />${t("order.pay")}</a>`}
  <p class="state-left">${t("order.left")} <${Countdown} until=${order.expiresAt} onOver=${onAsk} /></p>
  <${OtherWays} order=${order} onAsk=${onAsk} ...${props} />
  <${GiveUp} order=${order} onAsk=${onAsk} ...${props} />`;

const Unsure = (props) => html`<${AskAgain} ...${props} /><${Pay} ...${props} sure=${false} />`;

const Unpaid = (props) => html`<${Pay} ...${props} /><${AskAgain} ...${props} />`;

const Again = ({ order }) => html`
  <button type="button" class="button button-main" aria-disabled=${busy.value}
    onClick=${() => again(order.lines)}>${t(busy.value ? "order.againBusy" : "order.again")}</button>
  <a class="button" href="/">${t("cart.goOn")}</a>
  ${trouble.value && html`<${Notice} kind="bad" urgent>${trouble.value}<//>`}`;

// Who comes by later, or from elsewhere, may have another cart.
const GivenUp = ({ order }) => (takenBack.value ? html`
  <button type="button" class="button button-main" onClick=${openCart}>${t("order.toCart")}</button>
  <a class="button" href="/">${t("cart.goOn")}</a>` : html`<${Again} order=${order} />`);

const Wait = (props) => html`<p>${t("order.patience")}</p><${AskAgain} ...${props} />`;

const ACTIONS = {
  unpaid: Unpaid, declined: Pay, unsure: Unsure, expired: Again, failed: Again, cancelled: GivenUp,
  confirming: Wait, processing: Wait,
};

export function Unknown() {
  useTitle(t("order.unknown"));
  return html`
    <div class="nothing">
      <h1>${t("order.unknown")}</h1>
      <p>${t("order.unknownWords")}</p>
      <a class="button button-main" href="/">${t("missing.home")}</a>
    </div>`;
}

/** @param {{view: string, order: object, orderKey: object, onAsk: Function}} props */
export const OrderActions = ({ view, ...props }) => html`<${ACTIONS[view]} ...${props} />`;
