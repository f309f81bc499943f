/** Paying on the order's own page: what to do depends on the kind of instructions. */
import { t } from "../../lib/locale.js";
import { Countdown } from "../../parts/countdown.js";
import { html } from "../../vendor/ui.js";
import { Transfer } from "./pay-transfer.js";

/** How each kind is paid. Each gets `{order, facts, token, onAsk}`. */
const KINDS = { TRANSFER: Transfer };

/** @param {{order: object, onAsk: Function}} props */
export function PayHere({ order, onAsk }) {
  const { kind, facts } = order.instructions;
  if (!KINDS[kind]) return null;
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  return html`
    <section class="panel pay-here" aria-labelledby="pay-here">
      <div class="pay-here-head">
        <h2 class="panel-title" id="pay-here">${t(`pay.${kind}.title`)}</h2>
        <p class="pay-here-left">${t("order.left")} <${Countdown} until=${order.expiresAt} onOver=${onAsk} /></p>
      </div>
      <${KINDS[kind]} order=${order} facts=${facts} token=${token} onAsk=${onAsk} />
    </section>`;
}
