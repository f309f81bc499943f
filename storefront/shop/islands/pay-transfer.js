/**
 * Coins sent to the shop's wallet: where, how much, and what is to be minded. The token's contract
 * is not shown: it looks like an address, and what is sent there is lost.
 */
import { t } from "../../lib/locale.js";
import { Copied } from "../../parts/copied.js";
import { Fact } from "../../parts/facts.js";
import { Qr } from "../../parts/qr.js";
import { html } from "../../vendor/ui.js";
import { HandIn } from "./pay-hand-in.js";

/** @param {{order: object, orderKey: {orderId: string, token: string}, onAsk: Function}} props */
export function PayByTransfer({ order, ...rest }) {
  // Under way it is nothing that anybody should do once more.
  if (!order.instructions) return null;
  const { facts } = order.instructions;
  return html`
    <section class="panel pay-here" aria-labelledby="pay-here">
      <h2 class="panel-title" id="pay-here">${t("pay.transfer.title")}</h2>
      <p>${t("pay.transfer.words", facts)}</p>
      <dl class="facts-list">
        <${Fact} name=${t("pay.transfer.network")}><strong>${facts.network}</strong> (${facts.chain})<//>
        <${Fact} name=${t("pay.transfer.amount")}>
          <${Copied} text=${facts.amount} label=${t("pay.transfer.copyAmount")}>${facts.amount} ${facts.token}<//><//>
        <${Fact} name=${t("pay.transfer.address")}>
          <${Copied} text=${facts.address} label=${t("pay.transfer.copyAddress")}>${facts.address}<//>
          <${Qr} text=${facts.address} label=${t("pay.transfer.qr")} /><//>
      </dl>
      <ul class="pay-here-mind">
        <li>${t("pay.transfer.exact", facts)}</li>
        <li>${t("pay.transfer.only", facts)}</li>
        <li>${t("pay.transfer.fees", facts)}</li>
        <li>${t("pay.transfer.wait", facts)}</li>
      </ul>
      <${HandIn} ...${rest} order=${order} name="hash" maxlength=${300} label=${t("pay.transfer.hash")}
        hint=${t("pay.transfer.hashHint")} button="pay.transfer.send" />
    </section>`;
}
