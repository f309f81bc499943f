/** The head of the order page: how it stands. */
import { t } from "../../lib/locale.js";
import { moment } from "../../parts/facts.js";
import { Icon } from "../../parts/icon.js";
import { html } from "../../vendor/ui.js";

const LOOKS = {
  paid: "good", refunded: "good", review: "warn", confirming: "wait", processing: "wait",
  asking: "wait", unsure: "warn", declined: "bad", unpaid: "warn", expired: "bad", failed: "bad",
  cancelled: "warn",
};
const ICONS = { good: "check", warn: "hands", bad: "bang", wait: "hands" };

/** `children`: what can be done about it. */
export function OrderState({ view, order, patient, asked, children }) {
  const look = LOOKS[view];
  return html`
    <section class="state state-${look}" data-state=${view}>
      <span class="state-mark ${look === "wait" && patient ? "state-turning" : ""}"><${Icon} name=${ICONS[look]} /></span>
      <div class="state-words" role="status">
        <h1 class="state-title">${t(`order.${view}.title`)}</h1>
        <p>${t(`order.${view}.words`, { email: order.email, time: asked ? moment(asked) : "" })}</p>
      </div>
      ${children}
    </section>`;
}
