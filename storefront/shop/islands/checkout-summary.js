/** What is bought and what it comes to, always in sight beside the form. */
import { cart, unsettled } from "../../lib/cart.js";
import { t } from "../../lib/locale.js";
import { money } from "../../lib/money.js";
import { settings } from "../../lib/settings.js";
import { Countdown } from "../../parts/countdown.js";
import { Icon } from "../../parts/icon.js";
import { Lines, Sums } from "../../parts/lines.js";
import { html, useEffect, useSignal } from "../../vendor/ui.js";
import { openCart } from "./cart-opener.js";
import { noticeTexts } from "./cart-line.js";

const WIDE = matchMedia("(min-width: 60rem)");

/** Items and the chosen delivery. The shop counts it again; it takes no sum from a page. */
export function totalsOf(shippingMethod) {
  const { subtotal, requiresShipping } = cart.value;
  const way = settings.value.data?.shippingMethods.find((one) => one.id === shippingMethod);
  const shipping = requiresShipping ? way?.price ?? null : { ...subtotal, amount: 0 };
  return { subtotal, shipping, total: { ...subtotal, amount: subtotal.amount + (shipping?.amount ?? 0) } };
}

export function Summary({ shippingMethod }) {
  const wide = useSignal(WIDE.matches);
  useEffect(() => {
    const change = () => (wide.value = WIDE.matches);
    WIDE.addEventListener("change", change);
    return () => WIDE.removeEventListener("change", change);
  }, []);
  const { subtotal, shipping, total } = totalsOf(shippingMethod);
  const { lines, count, reservedUntil, requiresShipping } = cart.value;
  const changed = lines.flatMap((line) => noticeTexts(line).map((text) => `${line.name}: ${text}`));
  const ways = !requiresShipping ? t("sum.notNeeded")
    : !shipping ? "–" : shipping.amount ? money(shipping) : t("sum.free");
  return html`
    <details class="summary" open=${wide.value}>
      <summary class="summary-head">
        <h2 class="summary-title">${t("checkout.summary")}</h2>
        <span class="summary-short">${t("line.things", { count })} · ${money(total)}</span>
      </summary>
      <${Lines} lines=${lines} />
      ${changed.map((text) => html`
        <p class="cart-line-notice notice-warn" key=${text}><${Icon} name="alert" />${text}</p>`)}
      <button type="button" class="link" onClick=${openCart}>${t("checkout.change")}</button>
      <${Sums} total=${total} stale=${unsettled.value} rows=${[
        { label: t("sum.items"), value: money(subtotal) },
        { label: t("sum.shipping"), value: ways },
      ]} />
      ${reservedUntil && html`
        <p class="held"><${Icon} name="clock" />${t("checkout.held")} <${Countdown} until=${reservedUntil} /></p>`}
    </details>`;
}
