/** A price, with the one struck through beside it when there is one. */
import { t } from "../lib/locale.js";
import { money } from "../lib/money.js";
import { html } from "../vendor/ui.js";

/** @param {{price: Money, was?: Money | null, from?: boolean}} props  `from`: some cost more */
export function Price({ price, was = null, from = false }) {
  const now = from ? t("price.from", { price: money(price) }) : money(price);
  if (!was) return html`<span class="price">${now}</span>`;
  return html`
    <span class="price price-sale">
      <span class="sr">${t("price.now")} </span>${now}
    </span>
    ${" "}
    <s class="price-was"><span class="sr">${t("price.was")} </span>${money(was)}</s>`;
}
