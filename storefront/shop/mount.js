/** Draws a page as soon as its texts are there. */
import { ready } from "../lib/locale.js";
import { html, render } from "../vendor/ui.js";
import { Layout } from "./layout.js";

/** @param {Function} View  the page's main part, drawn inside header and footer */
export async function mount(View) {
  await ready;
  render(html`<${Layout}><${View} /><//>`, document.getElementById("app"));
}
