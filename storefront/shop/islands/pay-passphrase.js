/** Paying by a red packet's passphrase, on the order's own page: instructions of kind PASSPHRASE. */
import { announce } from "../../lib/announce.js";
import { textOf } from "../../lib/errors.js";
import { locale, t } from "../../lib/locale.js";
import { money } from "../../lib/money.js";
import { handIn, readPayment } from "../../lib/payment.js";
import { resource } from "../../lib/resource.js";
import { Field, idOf } from "../../parts/field.js";
import { Notice } from "../../parts/notice.js";
import { html, useEffect, useSignal } from "../../vendor/ui.js";
import { leftOf, takesMore, textKeyOf } from "../packet-rules.js";

const NAME = "passphrase";
const LOOKS = { WAITING: "wait", CONFIRMED: "good", REJECTED: "bad" };

const HowTo = ({ left, facts }) => html`
  <p class="packet-due">${t("packet.due")} <strong>${money(left)}</strong></p>
  <ol class="packet-steps">
    <li>${t(Number(facts.packets) > 1 ? "packet.makeSeveral" : "packet.make", { cap: facts.cap, packets: facts.packets })}</li>
    <li>${t("packet.copy")}</li>
    <li>${t("packet.secret")}</li>
  </ol>`;

const Handed = ({ one }) => html`
  <${Notice} kind=${LOOKS[one.status]}>
    <strong class="packet-mask">${one.masked}</strong> ${t(textKeyOf(one), { amount: one.received && money(one.received) })}
  <//>`;

/** @param {{send: (passphrase: string) => Promise}} props  `send` raises what the shop answered */
function HandInForm({ send }) {
  const text = useSignal("");
  const fault = useSignal("");
  const busy = useSignal(false);

  async function submit(event) {
    event.preventDefault();
    if (busy.peek()) return;
    const typed = text.peek().trim();
    busy.value = true;
    fault.value = typed ? "" : t("packet.missing");
    try {
      if (typed) await send(typed);
    } catch (error) {
      fault.value = error.errors?.find((one) => one.field === NAME)?.message ?? textOf(error);
    }
    busy.value = false;
    if (fault.peek()) document.getElementById(idOf(NAME))?.focus();
  }

  return html`
    <form class="form" novalidate onSubmit=${submit}>
      <${Field} name=${NAME} label=${t("packet.field")} hint=${t("packet.hint")} error=${fault.value}
        autocomplete="off" maxlength=${64} value=${text.value}
        onInput=${(event) => (text.value = event.currentTarget.value)} />
      <div class="form-foot">
        <button type="submit" class="button button-main" aria-disabled=${busy.value}>${t("packet.send")}</button>
      </div>
    </form>`;
}

/**
 * @param {{order: object, orderKey: {orderId: string, token: string}, onAsk: Function}} props
 *   `onAsk`: something was handed in, the order is to be asked for again
 */
export function PayByPassphrase({ order, orderKey, onAsk }) {
  const asked = useSignal(null);
  asked.value ??= resource((signal, id) => readPayment(orderKey, id, signal));
  const { state, ask } = asked.value;
  const { paymentId, paymentStatus, history } = order;
  useEffect(() => void ask(paymentId), [paymentId, paymentStatus, history.length, locale.value]);

  async function send(passphrase) {
    await handIn(orderKey, paymentId, { passphrase });
    announce(t("packet.sent"));
    await ask(paymentId);
    onAsk();
  }

  const payment = state.value.data;
  if (!payment) return null;
  const { instructions, handedIn } = payment;
  const open = takesMore(payment, Date.now());
  return html`
    <section class="packet" aria-labelledby="packet-title">
      <h2 class="packet-title" id="packet-title">${t("packet.title")}</h2>
      ${open && html`<${HowTo} left=${leftOf(payment)} facts=${instructions.facts} />`}
      ${handedIn.map((one) => html`<${Handed} key=${one.at + one.masked} one=${one} />`)}
      ${open && html`<${HandInForm} key=${handedIn.length} send=${send} />`}
    </section>`;
}
