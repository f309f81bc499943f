/**
 * Coins sent to the shop's wallet: where, how much, and what is to be minded. The token's contract
 * is not shown: it looks like an address, and what is sent there is lost.
 */
import { t } from "../../lib/locale.js";
import { Copied } from "../../parts/copied.js";
import { Fact } from "../../parts/facts.js";
import { html } from "../../vendor/ui.js";
import { HandIn } from "./pay-hand-in.js";

/** @param {{order: object, facts: object, token: string, onAsk: Function}} props */
export const Transfer = ({ facts, ...rest }) => html`
  <p>${t("pay.transfer.words", facts)}</p>
  <dl class="facts-list">
    <${Fact} name=${t("pay.transfer.network")}><strong>${facts.network}</strong> (${facts.chain})<//>
    <${Fact} name=${t("pay.transfer.amount")}>
      <${Copied} text=${facts.amount} label=${t("pay.transfer.copyAmount")}>${facts.amount} ${facts.token}<//><//>
    <${Fact} name=${t("pay.transfer.address")}>
      <${Copied} text=${facts.address} label=${t("pay.transfer.copyAddress")}>${facts.address}<//><//>
  </dl>
  <ul class="pay-here-mind">
    <li>${t("pay.transfer.exact", facts)}</li>
    <li>${t("pay.transfer.only", facts)}</li>
    <li>${t("pay.transfer.fees", facts)}</li>
    <li>${t("pay.transfer.wait", facts)}</li>
  </ul>
  <${HandIn} ...${rest} name="hash" maxlength=${80} label=${t("pay.transfer.hash")}
    hint=${t("pay.transfer.hashHint")} button="pay.transfer.send" />`;
