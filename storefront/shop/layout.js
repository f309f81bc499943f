/** What every page has around its own part: header, footer, cart, and what is said aloud. */
import { announcement } from "../lib/announce.js";
import { online, signedBy } from "../lib/api.js";
import { count, refresh } from "../lib/cart.js";
import { locale, ready, setLocale, t } from "../lib/locale.js";
import { signedIn } from "../lib/signed.js";
import { askSettings, settings } from "../lib/settings.js";
import { Boundary } from "../parts/boundary.js";
import { Icon } from "../parts/icon.js";
import { effect, html, render, useEffect } from "../vendor/ui.js";
import { CartSlot, openCart } from "./islands/cart-opener.js";

signedBy(() => import("../lib/session.js"));

// Names come in the shopper's language, so a change of language asks again.
effect(() => {
  locale.value;
  askSettings();
  refresh().catch(() => {});
});

const siteName = () => settings.value.data?.siteName ?? "";

/** The page's name in the tab and in the history. */
export function useTitle(title) {
  const whole = [title, siteName()].filter(Boolean).join(" · ");
  useEffect(() => {
    document.title = whole;
  }, [whole]);
}

/** Not a jump within the address: the order page keeps its key in the fragment. */
function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

function LanguageSwitch() {
  const other = locale.value === "en" ? "zh-CN" : "en";
  return html`
    <button type="button" class="header-button" lang=${other} onClick=${() => setLocale(other)}>
      ${other === "en" ? "English" : "中文"}
    </button>`;
}

function AccountLink() {
  const name = t(signedIn.value ? "header.account" : "header.signIn");
  return html`
    <a class="header-button header-account" href="/account.html" aria-label=${name}>
      <${Icon} name="person" /><span class="header-word">${name}</span></a>`;
}

function CartButton() {
  return html`
    <button type="button" class="header-button header-cart" aria-haspopup="dialog" onClick=${openCart}>
      <${Icon} name="bag" />
      <span class="header-word" aria-hidden="true">${t("cart.word")}</span>
      <span class="sr">${t("cart.open", { count: count.value })}</span>
      ${count.value > 0 && html`<span class="bubble" aria-hidden="true">${count.value}</span>`}
    </button>`;
}

const Header = () => html`
  <header class="header">
    <div class="wide header-row">
      <a class="brand" href="/" aria-label=${t("header.home", { name: siteName() || t("shop") })}>
        <${Icon} name="mark" /><span class="brand-name">${siteName()}</span>
      </a>
      <div class="header-tools"><${LanguageSwitch} /><${AccountLink} /><${CartButton} /></div>
    </div>
  </header>`;

const Footer = () => html`
  <footer class="footer">
    <div class="wide footer-row">
      <p class="footer-promise"><${Icon} name="truck" />${t("promise.delivery")}</p>
      <p class="footer-promise"><${Icon} name="lock" />${t("promise.payment")}</p>
      <p class="footer-promise"><${Icon} name="check" />${t("promise.honest")}</p>
    </div>
  </footer>`;

const Layout = ({ children }) => html`
  <a class="skip" href="#main" onClick=${skip}>${t("skip")}</a>
  <${Header} />
  ${!online.value && html`<p class="offline" role="alert">${t("offline")}</p>`}
  <main class="wide main" id="main" tabindex="-1"><${Boundary}>${children}<//></main>
  <${Footer} />
  <${CartSlot} />
  <p class="sr" role="status">${announcement.value}</p>`;

/** Draws a page inside of all this, as soon as its texts are there. */
export async function mount(View) {
  await ready;
  render(html`<${Layout}><${View} /><//>`, document.getElementById("app"));
}
