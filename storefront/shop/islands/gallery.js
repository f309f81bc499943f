/** A product's pictures: one large, the others to choose from. */
import { t } from "../../lib/locale.js";
import { Picture } from "../../parts/picture.js";
import { html, useEffect, useSignal } from "../../vendor/ui.js";

/** @param {{images: object[], shown: number}} props  `shown`: the picture of the chosen variant */
export function Gallery({ images, shown }) {
  const index = useSignal(shown);
  useEffect(() => {
    index.value = shown;
  }, [shown]);
  const image = images[index.value] ?? images[0] ?? null;
  return html`
    <section class="gallery" aria-label=${t("gallery.label")}>
      <div class="gallery-stage"><${Picture} image=${image} first key=${image?.url} /></div>
      ${images.length > 1 && html`
        <ul class="thumbs">
          ${images.map((one, at) => html`
            <li key=${one.url}>
              <button type="button" class="thumb" aria-current=${at === index.value ? "true" : undefined}
                aria-label=${t("gallery.show", { alt: one.alt })} onClick=${() => (index.value = at)}>
                <${Picture} image=${one} decoration eager />
              </button>
            </li>`)}
        </ul>`}
    </section>`;
}
