/** The shop's shelf: filtered, ordered and paged by the address. */
import { announce } from "../../lib/announce.js";
import { askList, list, listQuery } from "../../lib/catalog.js";
import { textOf } from "../../lib/errors.js";
import { locale, t } from "../../lib/locale.js";
import { settings } from "../../lib/settings.js";
import { follow, params, withParams } from "../../lib/urlstate.js";
import { Card, CardSkeleton } from "../../parts/card.js";
import { Failure } from "../../parts/notice.js";
import { Pager } from "../../parts/pager.js";
import { effect, html, useEffect } from "../../vendor/ui.js";
import { Filters } from "../islands/filters.js";
import { mount, useTitle } from "../layout.js";
import { trailOf } from "../trail.js";

// More than one row on a phone and two on a desk: what is above the fold is not put off.
const EAGER = 4;

const ask = () => askList(listQuery(params.value));
effect(() => {
  locale.value;
  ask();
});

/** What the list is narrowed to; a category's name is not known before the settings are. */
function heading() {
  const category = trailOf(settings.value.data?.categories, params.value.get("categoryId")).at(-1);
  const brand = params.value.get("brand");
  const waiting = params.value.has("categoryId") && !settings.value.data && "\u00a0";
  return [brand, category?.name ?? waiting].filter(Boolean).join(" · ");
}

/** After a change of page the list starts at its top, for eyes and for focus. */
function followPage(event) {
  follow(event);
  const top = document.getElementById("results");
  top.focus({ preventScroll: true });
  top.scrollIntoView();
}

function Intro() {
  const name = heading();
  useTitle(name || t("list.title"));
  if (name) return html`<div class="intro"><h1 class="intro-title">${name}</h1></div>`;
  return html`
    <div class="intro intro-home">
      <h1 class="intro-title">${t("list.title")}</h1>
      <p class="intro-words">${t("list.words")}</p>
    </div>`;
}

function Results() {
  const { data, error, busy } = list.value;
  const total = data?.pagination.total;
  useEffect(() => {
    if (data && !busy) announce(t("list.count", { count: total }));
  }, [data, busy]);
  if (error && !data) return html`<${Failure} text=${textOf(error)} onRetry=${ask} />`;
  if (!data) return html`<div class="grid">${Array.from({ length: 8 }, () => html`<${CardSkeleton} />`)}</div>`;
  if (!data.items.length) {
    return html`
      <div class="nothing">
        <p>${t("list.empty")}</p>
        <a class="button" href="/" onClick=${follow}>${t("list.clear")}</a>
      </div>`;
  }
  return html`
    ${error && html`<${Failure} text=${textOf(error)} onRetry=${ask} />`}
    <ul class="grid ${busy ? "stale" : ""}">
      ${data.items.map((product, index) => html`
        <li key=${product.id}><${Card} product=${product} eager=${index < EAGER} first=${index === 0} /></li>`)}
    </ul>
    <${Pager} page=${data.pagination.page} last=${data.pagination.totalPages}
      hrefOf=${(page) => withParams({ page: page > 1 ? page : null })} onFollow=${followPage} />`;
}

const ListPage = () => html`
  <${Intro} />
  <${Filters} total=${list.value.data?.pagination.total} />
  <section id="results" class="results" tabindex="-1" aria-label=${t("list.results")}
    aria-busy=${list.value.busy}>
    <${Results} />
  </section>`;

mount(ListPage);
