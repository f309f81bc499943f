/** A line of the cart: what it is, how many, what it costs, and what has changed. */
import { announce } from "../../lib/announce.js";
import { refusal } from "../../lib/cart.js";
import { textOf } from "../../lib/errors.js";
import { t } from "../../lib/locale.js";
import { money } from "../../lib/money.js";
import { wish } from "../../lib/cart-change.js";
import { Icon } from "../../parts/icon.js";
import { specsText } from "../../parts/lines.js";
import { Picture } from "../../parts/picture.js";
import { Stepper } from "../../parts/stepper.js";
import { html, useEffect } from "../../vendor/ui.js";

/** What the shop has to say about a line since it was put in. */
export function noticeTexts(line) {
  return (line.notices ?? []).map(({ code }) => {
    if (code === "PRICE_CHANGED") {
      return t("notice.PRICE_CHANGED", { before: money(line.priceSeen), now: money(line.price) });
    }
    return t(`notice.${code}`, { count: code === "QUANTITY_LIMIT" ? line.maxPerOrder : line.available });
  });
}

function Refusal({ line }) {
  const text = textOf(refusal.value.error);
  useEffect(() => announce(`${line.name}: ${text}`), [refusal.value]);
  return html`<p class="cart-line-notice notice-bad"><${Icon} name="alert" />${text}</p>`;
}

export function CartLine({ line, onRemoved }) {
  const most = Math.min(line.available, line.maxPerOrder ?? line.available);
  const remove = () => {
    onRemoved();
    wish(line.variantId, 0);
    announce(t("cart.removed", { name: line.name }));
  };
  const change = (quantity) => {
    wish(line.variantId, quantity);
    announce(t("cart.changed", { name: line.name, count: quantity }));
  };
  return html`
    <li class="cart-line">
      <${Picture} image=${line.image} decoration />
      <div class="cart-line-words">
        <p class="line-name">
          ${line.slug ? html`
            <a href="/product.html?slug=${encodeURIComponent(line.slug)}&variant=${encodeURIComponent(line.variantId)}">
              ${line.name}</a>` : line.name}
        </p>
        <p class="line-specs">${specsText(line.specs)}</p>
        <p class="line-specs">${t("line.each", { price: money(line.price) })}</p>
      </div>
      <p class="line-total ${line.waiting ? "stale" : ""}">${money(line.total)}</p>
      <div class="cart-line-tools">
        <${Stepper} value=${line.quantity} max=${Math.max(most, line.quantity)} label=${line.name}
          onChange=${change} />
        <button type="button" class="link" onClick=${remove}>
          ${t("cart.remove")}<span class="sr"> ${line.name} ${specsText(line.specs)}</span></button>
      </div>
      ${noticeTexts(line).map((text) => html`
        <p class="cart-line-notice notice-warn"><${Icon} name="alert" />${text}</p>`)}
      ${refusal.value?.variantId === line.variantId && html`<${Refusal} line=${line} />`}
    </li>`;
}
