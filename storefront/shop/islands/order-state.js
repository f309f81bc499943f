/** The head of the order page: how it stands. */
import { t } from "../../lib/locale.js";
import { Icon } from "../../parts/icon.js";
import { html } from "../../vendor/ui.js";

const LOOKS = {
  paid: "good", refunded: "good", review: "warn", confirming: "wait", processing: "wait",
  declined: "bad", unpaid: "warn", expired: "bad",
};
const ICONS = { good: "check", warn: "hands", bad: "bang", wait: "hands" };

/** `children`: what can be done about it. */
export function OrderState({ view, order, patient, children }) {
  const look = LOOKS[view];
  return html`
    <section class="state state-${look}" data-state=${view}>
      <span class="state-mark ${look === "wait" && patient ? "state-turning" : ""}"><${Icon} name=${ICONS[look]} /></span>
      <div class="state-words" role="status">
        <h1 class="state-title">${t(`order.${view}.title`)}</h1>
        <p>${t(`order.${view}.words`, { email: order.email })}</p>
      </div>
      ${children}
    </section>`;
}
