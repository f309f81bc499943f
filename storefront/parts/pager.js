/** Pages of a list as links. */
import { t } from "../lib/locale.js";
import { html } from "../vendor/ui.js";
import { Icon } from "./icon.js";

/** Around the current page, with the first and the last: 1 … 4 5 6 … 9; null is a gap. */
export function around(page, last) {
  const near = [1, page - 1, page, page + 1, last].filter((one) => one >= 1 && one <= last);
  return [...new Set(near)].sort((a, b) => a - b).flatMap((one, index, all) =>
    index && one - all[index - 1] > 1 ? [null, one] : [one]);
}

/** @param {{page: number, last: number, hrefOf: (page: number) => string, onFollow: Function}} props */
export function Pager({ page, last, hrefOf, onFollow }) {
  if (last <= 1) return null;
  const step = (to, name, icon) => (to >= 1 && to <= last) && html`
    <li><a class="pager-link" href=${hrefOf(to)} onClick=${onFollow} aria-label=${t(name)}
      rel=${icon === "next" ? "next" : "prev"}><${Icon} name=${icon} /></a></li>`;
  return html`
    <nav class="pager" aria-label=${t("pager.label")}>
      <ol class="pager-list">
        ${step(page - 1, "pager.previous", "previous")}
        ${around(page, last).map((one) => one === null
          ? html`<li class="pager-gap" aria-hidden="true">…</li>`
          : html`<li><a class="pager-link" href=${hrefOf(one)} onClick=${onFollow}
              aria-current=${one === page ? "page" : undefined}
              aria-label=${t("pager.page", { page: one })}>${one}</a></li>`)}
        ${step(page + 1, "pager.next", "next")}
      </ol>
    </nav>`;
}
