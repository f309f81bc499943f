/** One product: pictures, choices, price, stock, and what there is to know. */
import { askProduct, product as asked } from "../../lib/catalog.js";
import { textOf } from "../../lib/errors.js";
import { locale, t } from "../../lib/locale.js";
import { settings } from "../../lib/settings.js";
import { go, params } from "../../lib/urlstate.js";
import { Boundary } from "../../parts/boundary.js";
import { Rating } from "../../parts/card.js";
import { Failure } from "../../parts/notice.js";
import { Price } from "../../parts/price.js";
import { effect, html, useEffect, useSignal } from "../../vendor/ui.js";
import { trailOf } from "../trail.js";
import { Buy } from "../islands/buy.js";
import { Gallery } from "../islands/gallery.js";
import { mount, useTitle } from "../layout.js";
import { firstSpecs, pictureIndex, variantOf } from "../variants.js";

const slug = params.peek().get("slug") ?? "";
const ask = () => askProduct(slug);
effect(() => {
  locale.value;
  ask();
});

// Who comes back to the page sees the stock of now.
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());

function Trail({ product }) {
  const trail = trailOf(settings.value.data?.categories, product.categoryId);
  return html`
    <nav class="trail" aria-label=${t("trail")}>
      <ol>
        <li><a href="/">${t("trail.all")}</a></li>
        ${trail.map((one) => html`
          <li key=${one.id}><a href="/?categoryId=${encodeURIComponent(one.id)}">${one.name}</a></li>`)}
      </ol>
    </nav>`;
}

function Facts({ product }) {
  return html`
    <section class="facts">
      <h2>${t("product.about")}</h2>
      <p class="facts-words">${product.description}</p>
      ${product.attributes.length > 0 && html`
        <h2>${t("product.details")}</h2>
        <dl class="attributes">
          ${product.attributes.map((one) => html`
            <div key=${one.name}><dt>${one.name}</dt><dd>${one.value}</dd></div>`)}
        </dl>`}
    </section>`;
}

function Shown({ product }) {
  const specs = useSignal(firstSpecs(product, params.value.get("variant")));
  // In another language the same variant has other words.
  useEffect(() => {
    specs.value = firstSpecs(product, params.value.get("variant"));
  }, [product.name, product.options[0]?.name]);
  const variant = variantOf(product, specs.value);
  useTitle(product.name);

  function choose(name, value) {
    specs.value = { ...specs.value, [name]: value };
    const next = variantOf(product, specs.value);
    const query = new URLSearchParams(location.search);
    if (next) query.set("variant", next.id);
    go(`?${query}`, { replace: true });
  }

  const price = variant?.price ?? product.priceFrom;
  return html`
    <${Trail} product=${product} />
    <div class="product">
      <${Boundary}><${Gallery} images=${product.images} shown=${pictureIndex(product, variant)} /><//>
      <div class="product-side">
        <p class="product-brand"><a href="/?brand=${encodeURIComponent(product.brand)}">${product.brand}</a></p>
        <h1 class="product-name">${product.name}</h1>
        <p class="product-subtitle">${product.subtitle}</p>
        <p class="product-price">
          ${price && html`<${Price} price=${price} was=${variant?.originalPrice} />`}
          <${Rating} product=${product} />
        </p>
        <${Boundary}><${Buy} product=${product} specs=${specs.value} onChoose=${choose} onShort=${ask} /><//>
      </div>
      <${Facts} product=${product} />
    </div>`;
}

const Bones = () => html`
  <div class="product skeleton" aria-hidden="true">
    <div class="gallery"><div class="gallery-stage"><span class="picture bone"></span></div></div>
    <div class="product-side">
      <span class="bone bone-title"></span><span class="bone bone-line"></span>
      <span class="bone bone-short"></span><span class="bone bone-button"></span>
    </div>
  </div>`;

function Missing() {
  useTitle(t("missing.product"));
  return html`
    <div class="nothing">
      <h1>${t("missing.product")}</h1>
      <a class="button button-main" href="/">${t("missing.home")}</a>
    </div>`;
}

function ProductPage() {
  const { data, error } = asked.value;
  if (data) return html`<${Shown} product=${data} />`;
  if (!slug || error?.code === "PRODUCT_NOT_FOUND") return html`<${Missing} />`;
  if (error) return html`<h1 class="sr">${t("product.page")}</h1><${Failure} text=${textOf(error)} onRetry=${ask} />`;
  return html`<h1 class="sr">${t("product.page")}</h1><${Bones} />`;
}

mount(ProductPage);
