/** The page for addresses where nothing is. */
import { t } from "../../lib/locale.js";
import { html } from "../../vendor/ui.js";
import { mount, useTitle } from "../layout.js";

function MissingPage() {
  useTitle(t("missing.title"));
  return html`
    <div class="nothing">
      <p class="nothing-number" aria-hidden="true">404</p>
      <h1>${t("missing.title")}</h1>
      <p>${t("missing.words")}</p>
      <a class="button button-main" href="/">${t("missing.home")}</a>
    </div>`;
}

mount(MissingPage);
