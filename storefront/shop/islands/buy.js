/** Choosing a variant and putting it into the cart. */
import { add } from "../../lib/cart-change.js";
import { lines } from "../../lib/cart.js";
import { days } from "../../lib/dates.js";
import { textOf } from "../../lib/errors.js";
import { t } from "../../lib/locale.js";
import { announce } from "../../lib/announce.js";
import { Choices } from "../../parts/choices.js";
import { Icon } from "../../parts/icon.js";
import { Notice } from "../../parts/notice.js";
import { Price } from "../../parts/price.js";
import { Stepper } from "../../parts/stepper.js";
import { html, useEffect, useRef, useSignal } from "../../vendor/ui.js";
import { valuesOf, variantOf } from "../variants.js";
import { openCart } from "./cart-opener.js";

/** The stock in words, and how good the news is. */
export function stockOf(variant) {
  if (!variant) return { kind: "gone", text: t("stock.impossible") };
  const { available, low, soldOut } = variant.stock;
  if (soldOut) return { kind: "gone", text: t("stock.soldOut") };
  return low ? { kind: "low", text: t("stock.low", { count: available }) }
    : { kind: "free", text: t("stock.free") };
}

/** Most that may still be added: the rule of the product and the stock, less what is in the cart. */
function mostOf(variant) {
  const inCart = lines.value.find((line) => line.variantId === variant.id)?.quantity ?? 0;
  return Math.min(variant.maxPerOrder ?? Infinity, variant.stock.available) - inCart;
}

function Delivery({ product, variant }) {
  if (product.shipEstimate) {
    const when = days(product.shipEstimate.from, product.shipEstimate.to);
    return html`<p class="buy-fact"><${Icon} name="clock" />${t("delivery.preorder", { when })}</p>`;
  }
  const text = t(variant?.requiresShipping === false ? "delivery.digital" : "delivery.parcel");
  return html`<p class="buy-fact"><${Icon} name="truck" />${text}</p>`;
}

/** On a phone, price and button stay in reach while the page is read. */
function BuyBar({ variant, button, label, busy }) {
  const away = useSignal(false);
  useEffect(() => {
    const seen = new IntersectionObserver(([entry]) => (away.value = !entry.isIntersecting),
      // What lies below the sticky header is out of sight, too.
      { rootMargin: "-72px 0px 0px" });
    seen.observe(button.current);
    return () => seen.disconnect();
  }, []);
  return away.value && html`
    <div class="buybar" role="region" aria-label=${t("buy.bar")}>
      <p><${Price} price=${variant.price} was=${variant.originalPrice} /></p>
      <button type="submit" form="buy" class="button button-main" aria-disabled=${busy}>${label}</button>
    </div>`;
}

/**
 * @param {{product: object, specs: object, onChoose: (name: string, value: string) => void,
 *   onShort: () => void}} props  `onShort`: the stock on show was too old
 */
export function Buy({ product, specs, onChoose, onShort }) {
  const quantity = useSignal(1);
  const busy = useSignal(false);
  const refused = useSignal("");
  const button = useRef(null);
  const variant = variantOf(product, specs);
  const stock = stockOf(variant);
  const most = variant ? mostOf(variant) : 0;
  const can = stock.kind !== "gone" && most > 0;
  const wanted = Math.max(1, Math.min(quantity.value, most));

  useEffect(() => {
    refused.value = "";
  }, [variant?.id]);

  async function put(event) {
    event.preventDefault();
    if (busy.value || !can) return;
    busy.value = true;
    refused.value = "";
    try {
      await add(variant.id, wanted);
      quantity.value = 1;
      announce(t("cart.added", { name: product.name }));
      openCart();
    } catch (error) {
      refused.value = textOf(error);
      onShort();
    }
    busy.value = false;
  }

  const label = busy.value ? t("buy.adding") : t(can ? (product.preorder ? "buy.preorder" : "buy.add")
    : stock.kind === "gone" ? "buy.gone" : "buy.enough");
  return html`
    <form id="buy" class="buy" onSubmit=${put}>
      ${product.options.map((option) => html`
        <${Choices} key=${option.name} name=${option.name} chosen=${specs[option.name]}
          values=${valuesOf(product, specs, option)} onChoose=${(value) => onChoose(option.name, value)} />`)}
      <p class="stock stock-${stock.kind}" role="status"><span class="stock-dot"></span>${stock.text}</p>
      <div class="buy-row">
        ${can && most > 1 && html`<${Stepper} value=${wanted} max=${most} label=${product.name}
          onChange=${(next) => (quantity.value = next)} />`}
        <button type="submit" ref=${button} class="button button-main button-wide" disabled=${!can}
          aria-disabled=${busy.value}>${label}</button>
      </div>
      ${can && variant.maxPerOrder < 10 && html`
        <p class="buy-limit">${t("buy.limit", { count: variant.maxPerOrder })}</p>`}
      ${refused.value && html`<${Notice} kind="bad" urgent>${refused.value}<//>`}
      <${Delivery} product=${product} variant=${variant} />
      ${can && html`<${BuyBar} variant=${variant} button=${button} label=${label} busy=${busy.value} />`}
    </form>`;
}
