/** A product's picture: its box is there before it is, so that nothing moves. */
import { html } from "../vendor/ui.js";

/** `first`: the page's most important one; `decoration`: the words beside it say it already. */
export function Picture({ image, eager = false, first = false, decoration = false }) {
  if (!image) return html`<span class="picture"></span>`;
  return html`
    <span class="picture">
      <img src=${image.url} alt=${decoration ? "" : image.alt}
        width=${image.width} height=${image.height} decoding="async"
        loading=${eager || first ? "eager" : "lazy"} fetchpriority=${first ? "high" : "auto"} />
    </span>`;
}
