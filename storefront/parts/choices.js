/** An option of a product (colour, edition) as named radio buttons. */
import { t } from "../lib/locale.js";
import { html } from "../vendor/ui.js";

/**
 * @param {{name: string, chosen: string, onChoose: (value: string) => void, values:
 *   {name: string, swatch?: string | null, image?: object | null,
 *    state: "free" | "soldOut" | "impossible"}[]}} props
 *   What is sold out or not made can still be chosen: the page then says so in words.
 */
export function Choices({ name, chosen, values, onChoose }) {
  return html`
    <fieldset class="choices">
      <legend class="choices-legend">
        <span class="label">${name}</span>
        ${" "}<span class="choices-chosen" aria-hidden="true">${chosen}</span>
      </legend>
      <div class="choices-list">
        ${values.map((value) => html`
          <label class="choice choice-${value.state} ${value.swatch ? "choice-swatch" : ""}" key=${value.name}>
            <input type="radio" class="choice-input" name=${name} value=${value.name}
              checked=${value.name === chosen} onChange=${() => onChoose(value.name)} />
            ${value.swatch && html`
              <span class="swatch" style=${{ backgroundColor: value.swatch }}></span>`}
            ${!value.swatch && value.image && html`
              <img class="choice-image" src=${value.image.url} alt="" width="800" height="600" />`}
            <span class="choice-name">${value.name}</span>
            ${value.state !== "free" && html`<span class="sr">, ${t(`choice.${value.state}`)}</span>`}
          </label>`)}
      </div>
    </fieldset>`;
}
