/** A product in a list. */
import { t } from "../lib/locale.js";
import { html } from "../vendor/ui.js";
import { Icon } from "./icon.js";
import { Picture } from "./picture.js";
import { Price } from "./price.js";

const badgeOf = (product) =>
  (!product.inStock && "soldOut") || (product.preorder && "preorder") || (product.isNew && "new");

/** Whether some variants cost more than the price on the card. */
const dearer = ({ priceFrom, priceTo }) => priceTo?.amount > priceFrom.amount;

export function Card({ product, eager, first }) {
  const badge = badgeOf(product);
  return html`
    <article class="card ${product.inStock ? "" : "card-gone"}">
      <${Picture} image=${product.image} eager=${eager} first=${first} decoration />
      <div class="card-words">
        ${badge && html`<p class="badge badge-${badge}">${t(`card.${badge}`)}</p>`}
        <h2 class="card-name">
          <a href="/product.html?slug=${encodeURIComponent(product.slug)}">${product.name}</a>
        </h2>
        <p class="card-subtitle">${product.subtitle}</p>
        <p class="card-foot">
          <span>${product.priceFrom && html`
            <${Price} price=${product.priceFrom} was=${product.originalPriceFrom}
              from=${dearer(product)} />`}</span>
          <${Rating} product=${product} />
        </p>
      </div>
    </article>`;
}

/** Stars only where somebody has given some. */
export function Rating({ product }) {
  if (!product.reviewCount) return null;
  const stars = Number(product.rating).toFixed(1);
  return html`
    <span class="rating">
      <${Icon} name="star" />
      <span class="sr">${t("card.rating", { stars, count: product.reviewCount })}</span>
      <span aria-hidden="true">${stars}</span>
    </span>`;
}

/** The box of a card whose product is still on its way. */
export const CardSkeleton = () => html`
  <div class="card skeleton" aria-hidden="true">
    <span class="picture bone"></span>
    <div class="card-words"><span class="bone bone-line"></span><span class="bone bone-short"></span></div>
  </div>`;
