/** Something to be copied to the last letter, with a button that does it. */
import { t } from "../lib/locale.js";
import { html, useRef, useSignal } from "../vendor/ui.js";

const SHOWN_MS = 2000;

/** @param {{text: string, label: string, children: any}} props  `text` is copied, `children` shown */
export function Copied({ text, label, children }) {
  const shown = useRef(null);
  const done = useSignal(false);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      done.value = true;
      setTimeout(() => (done.value = false), SHOWN_MS);
    } catch {
      // Not allowed here: it is marked, so that it can be copied by hand.
      getSelection().selectAllChildren(shown.current);
    }
  }

  return html`
    <span class="copied">
      <code class="copied-text" ref=${shown}>${children}</code>
      <button type="button" class="button" aria-label=${label} onClick=${copy}>${t("pay.copy")}</button>
      <span class="copied-done" role="status">${done.value && t("pay.copied")}</span>
    </span>`;
}
