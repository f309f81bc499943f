/** Lines of a cart or an order to look at, and the sums below them. */
import { t } from "../lib/locale.js";
import { money } from "../lib/money.js";
import { html } from "../vendor/ui.js";
import { Picture } from "./picture.js";

/** A variant's options in one line: `Touring · Ember red`. */
export const specsText = (specs) => Object.values(specs ?? {}).join(" · ");

export const Lines = ({ lines }) => html`
  <ul class="lines">
    ${lines.map((line) => html`
      <li class="line" key=${line.variantId}>
        <${Picture} image=${line.image} decoration />
        <div class="line-words">
          <p class="line-name">${line.name}</p>
          <p class="line-specs">${specsText(line.specs)}</p>
          <p class="line-specs">${t("line.quantity", { count: line.quantity })}</p>
        </div>
        <p class="line-total">${money(line.total)}</p>
      </li>`)}
  </ul>`;

/** @param {{rows: {label: string, value: string}[], total: Money, stale?: boolean}} props */
export const Sums = ({ rows, total, stale = false }) => html`
  <dl class="sums ${stale ? "stale" : ""}">
    ${rows.map((row) => html`
      <div class="sum" key=${row.label}><dt>${row.label}</dt><dd>${row.value}</dd></div>`)}
    <div class="sum sum-total"><dt>${t("sum.total")}</dt><dd>${money(total)}</dd></div>
  </dl>`;
