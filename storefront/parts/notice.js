/** Something to know: good, bad, or to wait for. */
import { t } from "../lib/locale.js";
import { html } from "../vendor/ui.js";
import { Icon } from "./icon.js";

const ICONS = { good: "check", bad: "alert", warn: "alert", wait: "clock" };

/** `urgent`: said at once to those who hear the page. */
export const Notice = ({ kind, urgent = false, children }) => html`
  <div class="notice notice-${kind}" role=${urgent ? "alert" : undefined}>
    <${Icon} name=${ICONS[kind]} /><div>${children}</div>
  </div>`;

/** Something could not be read; asking again may help. */
export const Failure = ({ text, onRetry }) => html`
  <div class="failure" role="alert">
    <p>${text}</p>
    <button type="button" class="button" onClick=${onRetry}>${t("retry")}</button>
  </div>`;
