/** An order placed without an account: its link by mail, to the address it was placed with. */
import { findOrder } from "../../../lib/account.js";
import { t } from "../../../lib/locale.js";
import { follow, withParams } from "../../../lib/urlstate.js";
import { Notice } from "../../../parts/notice.js";
import { html, useSignal } from "../../../vendor/ui.js";
import { FORMS, requestOf } from "../../account-rules.js";
import { Form } from "../../form.js";

function FindOrder() {
  const sentTo = useSignal("");
  const send = async (values) => {
    const request = requestOf(FORMS["find-order"], values);
    await findOrder(request);
    sentTo.value = request.email;
  };
  const back = html`
    <p class="auth-alternative"><a href=${withParams({ section: "sign-in" })} onClick=${follow}>${t("account.sign-in.title")}</a></p>`;
  if (sentTo.value) {
    return html`<${Notice} kind="good" urgent>${t("account.find-order.sent", { email: sentTo.value })}<//>${back}`;
  }
  return html`
    <p class="auth-text">${t("account.find-order.words")}</p>
    <${Form} fields=${FORMS["find-order"]} button=${t("account.find-order.button")} send=${send} />${back}`;
}

export const rooms = { "find-order": FindOrder };
