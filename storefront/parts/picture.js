/** A product's picture: its box is there before it is, so that nothing moves. */
import { html } from "../vendor/ui.js";

/** How wide a photograph is on a product's own page, and on a card. */
const LARGE = "(min-width: 60rem) 36rem, 100vw";
const SMALL = "(min-width: 60rem) 20rem, 50vw";

/** `first`: the page's most important one; `decoration`: the words beside it say it already. */
export function Picture({ image, eager = false, first = false, decoration = false }) {
  if (!image) return html`<span class="picture"></span>`;
  return html`
    <span class="picture">
      <img src=${image.url} alt=${decoration ? "" : image.alt}
        srcset=${image.srcset} sizes=${image.srcset && (decoration ? SMALL : LARGE)}
        width=${image.width} height=${image.height} decoding="async"
        loading=${eager || first ? "eager" : "lazy"} fetchpriority=${first ? "high" : "auto"} />
    </span>`;
}
