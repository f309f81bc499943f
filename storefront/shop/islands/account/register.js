/** A new account. Whether the address has one already is told by mail alone, to its owner. */
import { register } from "../../../lib/account.js";
import { t } from "../../../lib/locale.js";
import { follow, withParams } from "../../../lib/urlstate.js";
import { Notice } from "../../../parts/notice.js";
import { html, useSignal } from "../../../vendor/ui.js";
import { FORMS, requestOf } from "../../account-rules.js";
import { Form } from "../../form.js";

function Register() {
  const sentTo = useSignal("");
  const send = async (values) => {
    const request = requestOf(FORMS.register, values);
    await register(request);
    sentTo.value = request.email;
  };
  const signIn = html`
    <p class="auth-alternative">${t("account.register.have")}${" "}
      <a href=${withParams({ section: "sign-in" })} onClick=${follow}>${t("account.sign-in.title")}</a></p>`;
  if (sentTo.value) {
    return html`<${Notice} kind="good" urgent>${t("account.register.sent", { email: sentTo.value })}<//>${signIn}`;
  }
  return html`<${Form} fields=${FORMS.register} button=${t("account.register.button")} send=${send} />${signIn}`;
}

export const rooms = { register: Register };
