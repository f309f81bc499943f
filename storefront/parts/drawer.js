/** A panel over the page. The native dialog brings focus, Escape and the way back with it. */
import { t } from "../lib/locale.js";
import { html, useEffect, useRef } from "../vendor/ui.js";
import { Icon } from "./icon.js";

/** @param {{open: boolean, title: any, onClose: () => void, children: any}} props */
export function Drawer({ open, title, onClose, children }) {
  const dialog = useRef(null);
  useEffect(() => {
    if (open && !dialog.current.open) dialog.current.showModal();
    if (!open && dialog.current.open) dialog.current.close();
  }, [open]);
  // A click on the backdrop is a click on the dialog itself, outside of its contents.
  const outside = (event) => event.target === dialog.current && dialog.current.close();
  return html`
    <dialog class="drawer" ref=${dialog} aria-labelledby="drawer-title"
      onClose=${onClose} onClick=${outside}>
      <div class="drawer-inside">
        <div class="drawer-head">
          <h2 class="drawer-title" id="drawer-title">${title}</h2>
          <button type="button" class="round" aria-label=${t("close")}
            onClick=${() => dialog.current.close()}><${Icon} name="close" /></button>
        </div>
        ${open && children}
      </div>
    </dialog>`;
}
