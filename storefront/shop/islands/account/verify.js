/** The link of the first mail: the address is the shopper's own. */
import { verifyEmail } from "../../../lib/account.js";
import { textOf } from "../../../lib/errors.js";
import { t } from "../../../lib/locale.js";
import { signedIn } from "../../../lib/signed.js";
import { follow, withParams } from "../../../lib/urlstate.js";
import { Failure, Notice } from "../../../parts/notice.js";
import { html, signal, useEffect } from "../../../vendor/ui.js";
import { Incomplete, ticket } from "../../ticket.js";

const state = signal("asking"); // asking, done, or what went wrong

async function ask() {
  state.value = "asking";
  try {
    await verifyEmail(ticket);
    state.value = "done";
  } catch (error) {
    state.value = error;
  }
}

function Verify() {
  useEffect(() => {
    if (ticket) ask();
  }, []);
  if (!ticket) return html`<${Incomplete} />`;
  if (state.value === "asking") return html`<p class="auth-text" role="status">${t("account.verify.asking")}</p>`;
  if (state.value !== "done") {
    const final = state.value.status >= 400 && state.value.status < 429;
    return final ? html`<${Notice} kind="bad" urgent>${textOf(state.value)}<//>`
      : html`<${Failure} text=${textOf(state.value)} onRetry=${ask} />`;
  }
  return html`
    <${Notice} kind="good" urgent>${t("account.verify.done")}<//>
    <p class="auth-alternative"><a href=${withParams({ section: null })} onClick=${follow}>
      ${t(signedIn.value ? "header.account" : "account.sign-in.title")}</a></p>`;
}

export const rooms = { verify: Verify };
