/** What pays, and the one button: the store balance, if there is one, and the sum that is left. */
import { placing } from "../../lib/checkout.js";
import { unsettled } from "../../lib/cart.js";
import { t } from "../../lib/locale.js";
import { money } from "../../lib/money.js";
import { settings } from "../../lib/settings.js";
import { signedIn } from "../../lib/signed.js";
import { Icon } from "../../parts/icon.js";
import { effect, html, signal } from "../../vendor/ui.js";
import { takesBalance, wayToPay } from "../checkout-rules.js";
import { totalsOf } from "./checkout-summary.js";

// If it can't be had, the whole is paid another way.
const purse = signal(null);
effect(() => {
  if (!signedIn.value || purse.peek()) return;
  import("./checkout-balance.js").then((found) =>
    found.fetchBalance().then(() => (purse.value = found))).catch(() => {});
});

const offered = ({ currency }) => purse.value && takesBalance(settings.value.data, currency);

const wayOf = ({ paymentMethod }, { currency }) =>
  wayToPay(settings.value.data, currency, paymentMethod);

/** What the balance pays of this order, in minor units, where it may and shall. */
export function partNow(values) {
  const { total } = totalsOf(values.shippingMethod);
  return values.useBalance && offered(total) ? purse.value.partFor(total, wayOf(values, total)) : 0;
}

/** @param {{values: object}} props the signal of what the form says */
export function PayBar({ values }) {
  const { total } = totalsOf(values.value.shippingMethod);
  const use = (is) => (values.value = { ...values.peek(), useBalance: is });
  const rest = { ...total, amount: total.amount - partNow(values.value) };
  return html`
    <div class="paybar">
      ${offered(total) && html`
        <${purse.value.Balance} total=${total} way=${wayOf(values.value, total)} used=${Boolean(values.value.useBalance)} onChange=${use} />`}
      <button type="submit" form="checkout" class="button button-main button-wide"
        aria-disabled=${placing.value || unsettled.value}>
        <${Icon} name="lock" />
        ${placing.value ? t("checkout.going") : rest.amount ? t("checkout.pay", { total: money(rest) }) : t("checkout.payByBalance")}
      </button>
      ${rest.amount > 0 && html`<p class="paybar-hint">${t("checkout.payHint")}</p>`}
    </div>`;
}
