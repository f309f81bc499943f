/** The account: one page, its sections in the address; each is fetched when it is opened. */
import { textOf } from "../../lib/errors.js";
import { t } from "../../lib/locale.js";
import { leftBy, signOut } from "../../lib/session.js";
import { signedIn } from "../../lib/signed.js";
import { follow, params, withParams } from "../../lib/urlstate.js";
import { Boundary } from "../../parts/boundary.js";
import { Failure, Notice } from "../../parts/notice.js";
import { effect, html, signal, useEffect, useSignal } from "../../vendor/ui.js";
import { SECTIONS, viewOf } from "../account-rules.js";
import { mount, useTitle } from "../layout.js";

const ROOMS = {
  "sign-in": () => import("../islands/account/sign-in.js"),
  register: () => import("../islands/account/register.js"),
  forgot: () => import("../islands/account/forgotten.js"),
  reset: () => import("../islands/account/forgotten.js"),
  "find-order": () => import("../islands/account/find-order.js"),
  verify: () => import("../islands/account/verify.js"),
  orders: () => import("../islands/account/orders.js"),
  subscriptions: () => import("../islands/account/subscriptions.js"),
  balance: () => import("../islands/account/balance.js"),
  profile: () => import("../islands/account/profile.js"),
  addresses: () => import("../islands/account/addresses.js"),
  security: () => import("../islands/account/security.js"),
  data: () => import("../islands/account/data.js"),
};

/** What has been fetched, by view: `{Room}` or `{error}`. */
const rooms = signal({});
const view = () => viewOf(params.value.get("section"), signedIn.value);

async function fetchRoom(name) {
  rooms.value = { ...rooms.peek(), [name]: null };
  const found = await ROOMS[name]().then((module) => ({ Room: module.rooms[name] }), (error) => ({ error }));
  rooms.value = { ...rooms.peek(), [name]: found };
}

effect(() => {
  const name = view();
  if (!rooms.peek()[name]) fetchRoom(name);
});

function SignOut() {
  const trouble = useSignal("");
  const go = () => {
    trouble.value = "";
    signOut().catch((error) => (trouble.value = textOf(error)));
  };
  return html`
    <button type="button" class="account-link account-out" onClick=${go}>${t("account.signOut")}</button>
    ${trouble.value && html`<${Notice} kind="bad" urgent>${trouble.value}<//>`}`;
}

const Menu = ({ current }) => html`
  <nav class="account-menu" aria-label=${t("account.menu")}>
    <ul>
      ${SECTIONS.map((name) => html`
        <li key=${name}><a class="account-link" href=${withParams({ section: name })} onClick=${follow}
          aria-current=${name === current ? "page" : undefined}>${t(`account.${name}.title`)}</a></li>`)}
    </ul>
    <${SignOut} />
  </nav>`;

function Inside({ name }) {
  const found = rooms.value[name];
  if (found?.error) return html`<${Failure} text=${t("broken")} onRetry=${() => fetchRoom(name)} />`;
  if (!found) return html`<div class="skeleton" aria-hidden="true"><span class="bone bone-row"></span></div>`;
  return html`<${Boundary} key=${name}><${found.Room} /><//>`;
}

/** After a link within the page focus goes where the new part begins; not when the page is opened. */
let shown = "";
function useFocusOnChange(name) {
  useEffect(() => {
    if (shown && shown !== name) document.getElementById("account-heading")?.focus();
    shown = name;
  }, [name]);
}

function AccountPage() {
  const name = view();
  const inside = SECTIONS.includes(name);
  useTitle(t(`account.${name}.title`));
  useFocusOnChange(name);
  const heading = html`<h1 class="page-title" id="account-heading" tabindex="-1">${t(`account.${name}.title`)}</h1>`;
  if (!inside) {
    return html`
      <div class="auth-form">
        ${heading}
        ${name === "sign-in" && leftBy.value && html`
          <${Notice} kind="wait" urgent>${t(`account.left.${leftBy.value}`)}<//>`}
        <${Inside} name=${name} />
      </div>`;
  }
  return html`
    <div class="account">
      <${Menu} current=${name} />
      <div class="account-main">${heading}<${Inside} name=${name} /></div>
    </div>`;
}

mount(AccountPage);
