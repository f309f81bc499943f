/** The way in. What was in the guest's cart comes along (merged.js says what). */
import { enter } from "../../../lib/account.js";
import { t } from "../../../lib/locale.js";
import { follow, params, withParams } from "../../../lib/urlstate.js";
import { html } from "../../../vendor/ui.js";
import { FORMS, requestOf } from "../../account-rules.js";
import { Form } from "../../form.js";
import { goBack, sayMerged } from "../../merged.js";
import { OpenOrders } from "../open-orders.js";

async function send(values) {
  const words = sayMerged(await enter(requestOf(FORMS["sign-in"], values)));
  // Where something has changed in the cart, it is read before anything is paid.
  if (!words.length) goBack(params.peek().get("back"));
}

const SignIn = () => html`
  <${Form} fields=${FORMS["sign-in"]} button=${t("account.sign-in.button")} send=${send}>
    <p><a href=${withParams({ section: "forgot" })} onClick=${follow}>${t("account.sign-in.forgot")}</a></p>
  <//>
  <p class="door-else">${t("account.sign-in.new")}${" "}
    <a href=${withParams({ section: "register" })} onClick=${follow}>${t("account.register.title")}</a></p>
  <${OpenOrders} />`;

export const rooms = { "sign-in": SignIn };
