/** A forgotten password: the link by mail, and the new password that it leads to. */
import { forgotPassword, resetPassword } from "../../../lib/account.js";
import { t } from "../../../lib/locale.js";
import { follow, withParams } from "../../../lib/urlstate.js";
import { Notice } from "../../../parts/notice.js";
import { html, useSignal } from "../../../vendor/ui.js";
import { FORMS, requestOf } from "../../account-rules.js";
import { Form } from "../../form.js";
import { Incomplete, ticket } from "../../ticket.js";

const toSignIn = () => html`
  <p class="auth-alternative"><a href=${withParams({ section: "sign-in" })} onClick=${follow}>${t("account.sign-in.title")}</a></p>`;

function Forgot() {
  const sentTo = useSignal("");
  const send = async (values) => {
    const request = requestOf(FORMS.forgot, values);
    await forgotPassword(request);
    sentTo.value = request.email;
  };
  if (sentTo.value) {
    return html`<${Notice} kind="good" urgent>${t("account.forgot.sent", { email: sentTo.value })}<//>${toSignIn()}`;
  }
  return html`
    <p class="auth-text">${t("account.forgot.words")}</p>
    <${Form} fields=${FORMS.forgot} button=${t("account.forgot.button")} send=${send} />${toSignIn()}`;
}

function Reset() {
  const done = useSignal(false);
  const send = async (values) => {
    await resetPassword({ token: ticket, ...requestOf(FORMS.reset, values) });
    done.value = true;
  };
  if (!ticket) return html`<${Incomplete} />`;
  if (done.value) {
    return html`<${Notice} kind="good" urgent>${t("account.reset.done")}<//>${toSignIn()}`;
  }
  return html`
    <p class="auth-text">${t("account.reset.words")}</p>
    <${Form} fields=${FORMS.reset} button=${t("account.reset.button")} send=${send} />`;
}

export const rooms = { forgot: Forgot, reset: Reset };
