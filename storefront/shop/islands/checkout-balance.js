/** The store balance at the checkout: whether it is used, and what is left to pay. Fetched for
    those who are signed in (checkout.js). */
import { get } from "../../lib/api.js";
import { t } from "../../lib/locale.js";
import { money } from "../../lib/money.js";
import { Tick } from "../../parts/tick.js";
import { html, signal } from "../../vendor/ui.js";
import { partOf } from "../checkout-rules.js";

const found = signal(null);

/** What there is; a checkout without it goes on without it. */
export async function fetchBalance() {
  found.value = await get("/api/balance?pageSize=1", { signed: true });
}

const thereIs = (currency) => found.value?.balances.find((one) => one.currency === currency) ?? null;

/** What the balance would pay of a sum beside a payment method, in minor units. */
export function partFor({ amount, currency }, way) {
  const there = thereIs(currency);
  return there ? partOf(amount, there.amount, way?.remainder[currency]) : 0;
}

/** @param {{total: object, way: object, used: boolean, onChange: (is: boolean) => void}} props */
export function Balance({ total, way, used, onChange }) {
  const part = partFor(total, way);
  if (!part) return null;
  const rest = { ...total, amount: total.amount - part };
  return html`
    <div>
      <${Tick} name="useBalance" checked=${used} onChange=${onChange}>
        ${t("checkout.useBalance", { there: money(thereIs(total.currency)) })}<//>
      ${used && html`<p class="paybar-hint" role="status">
        ${t("checkout.leftToPay", { part: money({ ...total, amount: part }), rest: money(rest) })}</p>`}
    </div>`;
}
