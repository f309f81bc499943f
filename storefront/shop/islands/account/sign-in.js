/** The way in. What was in the guest's cart comes along (merged.js says what). */
import { enter } from "../../../lib/account.js";
import { t } from "../../../lib/locale.js";
import { follow, params, withParams } from "../../../lib/urlstate.js";
import { html, useRef, useSignal } from "../../../vendor/ui.js";
import { FORMS, requestOf } from "../../account-rules.js";
import { Form } from "../../form.js";
import { goBack, sayMerged } from "../../merged.js";
import { OpenOrders } from "../open-orders.js";

async function send(values, page) {
  const details = requestOf(FORMS["sign-in"], values);
  const words = sayMerged(await enter(details).catch(async (refused) => {
    if (!refused.errors?.some((entry) => entry.challenge)) throw refused;
    const { answerTo } = await import("../../../lib/challenge.js");
    return enter({ ...details, ...await answerTo(refused, page) });
  }));
  // Where something has changed in the cart, it is read before anything is paid.
  if (!words.length) goBack(params.peek().get("back"));
}

const to = (section) =>
  html`<a href=${withParams({ section })} onClick=${follow}>${t(`account.${section}.title`)}</a>`;

function SignIn() {
  const place = useRef(null);
  const checking = useSignal(false);
  const page = () => ({ place: place.current, working: (is) => (checking.value = is) });
  return html`
    <${Form} fields=${FORMS["sign-in"]} button=${t("account.sign-in.button")} send=${(values) => send(values, page())}>
      <p role="status">${checking.value && t("account.sign-in.checking")}</p>
      <div ref=${place}></div>
      <p><a href=${withParams({ section: "forgot" })} onClick=${follow}>${t("account.sign-in.forgot")}</a></p>
    <//>
    <p class="auth-alternative">${t("account.sign-in.new")}${" "}${to("register")}</p>
    <p class="auth-alternative">${t("account.sign-in.guest")}${" "}${to("find-order")}</p>
    <${OpenOrders} />`;
}

export const rooms = { "sign-in": SignIn };
