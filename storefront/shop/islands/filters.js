/** Narrowing the list: categories as links, brand and order as native selects. */
import { SORTS } from "../../lib/catalog.js";
import { t } from "../../lib/locale.js";
import { settings } from "../../lib/settings.js";
import { follow, go, params, withParams } from "../../lib/urlstate.js";
import { Icon } from "../../parts/icon.js";
import { html } from "../../vendor/ui.js";
import { trailOf } from "../trail.js";

const Chip = ({ category, current, name }) => html`
  <li><a class="chip" href=${withParams({ categoryId: category?.id ?? null })} onClick=${follow}
    aria-current=${current ? "true" : undefined}>${name ?? category.name}</a></li>`;

/** One row for each level that is open: the top, then what is inside of what was chosen. */
function Categories() {
  const known = settings.value.data;
  // Their place is kept while they are on their way, so that the products below stay put.
  if (!known) return html`
    <div class="categories ${params.value.has("categoryId") ? "categories-wait-two" : "categories-wait"}"></div>`;
  const all = known.categories ?? [];
  const trail = trailOf(all, params.value.get("categoryId"));
  const levels = [null, ...trail.map((one) => one.id)]
    .map((parentId) => all.filter((one) => (one.parentId ?? null) === parentId))
    .filter((row) => row.length);
  if (!levels.length) return null;
  return html`
    <nav class="categories" aria-label=${t("filter.categories")}>
      ${levels.map((row, depth) => html`
        <ul class="chips ${depth ? "chips-inner" : ""}">
          ${depth === 0 && html`<${Chip} name=${t("filter.all")} current=${!trail.length} />`}
          ${row.map((category) => html`
            <${Chip} key=${category.id} category=${category} current=${trail[depth]?.id === category.id} />`)}
        </ul>`)}
    </nav>`;
}

const choose = (name) => (event) => go(withParams({ [name]: event.currentTarget.value || null }));

function Brands() {
  const brands = settings.value.data?.brands ?? [];
  const chosen = params.value.get("brand") ?? "";
  // A brand that came with the address is shown even when the shop does not list it.
  const all = chosen && !brands.includes(chosen) ? [chosen, ...brands] : brands;
  if (!all.length) return null;
  return html`
    <label class="pick">
      <span class="pick-label">${t("filter.brand")}</span>
      <select class="pick-select" value=${chosen} onChange=${choose("brand")}>
        <option value="">${t("filter.everyBrand")}</option>
        ${all.map((brand) => html`
          <option key=${brand} value=${brand} selected=${brand === chosen}>${brand}</option>`)}
      </select>
    </label>`;
}

function Sort() {
  const asked = params.value.get("sort");
  const chosen = SORTS.includes(asked) ? asked : "default";
  return html`
    <label class="pick">
      <span class="pick-label">${t("filter.sort")}</span>
      <select class="pick-select" value=${chosen} onChange=${choose("sort")}>
        ${SORTS.map((sort) => html`
          <option key=${sort} value=${sort} selected=${sort === chosen}>${t(`sort.${sort}`)}</option>`)}
      </select>
    </label>`;
}

const InStock = () => html`
  <label class="tick">
    <input type="checkbox" checked=${params.value.get("inStock") === "true"}
      onChange=${(event) => go(withParams({ inStock: event.currentTarget.checked ? "true" : null }))} />
    <span>${t("filter.inStock")}</span>
  </label>`;

/** What is chosen beyond the category, each to be taken away by itself. */
function Active() {
  const brand = params.value.get("brand");
  return brand && html`
    <a class="chip chip-active" href=${withParams({ brand: null })} onClick=${follow}
      aria-label=${t("filter.remove", { name: brand })}>${brand}<${Icon} name="close" /></a>`;
}

/** @param {{total: number | undefined}} props  how many products fit */
export const Filters = ({ total }) => html`
  <div class="filters">
    <${Categories} />
    <div class="toolbar">
      <p class="toolbar-count">${total === undefined ? "\u00a0" : t("list.count", { count: total })}
        ${" "}<${Active} /></p>
      <div class="toolbar-picks"><${InStock} /><${Brands} /><${Sort} /></div>
    </div>
  </div>`;
