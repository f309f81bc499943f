/** The token of a mailed link. It stands in the fragment, which reaches no server, and leaves the
 *  address at once: it should not lie in the history of a shared computer. */
import { t } from "../lib/locale.js";
import { html } from "../vendor/ui.js";

export const ticket = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
if (ticket) history.replaceState(history.state, "", location.pathname + location.search);
// Another link of a mail, pasted into the same tab, changes the fragment alone.
addEventListener("hashchange", () => location.hash.includes("token=") && location.reload());

export const Incomplete = () => html`<p class="auth-text">${t("account.link.incomplete")}</p>`;
