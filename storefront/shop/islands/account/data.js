/** What the shop knows of the shopper: to take along, and to have erased. */
import { eraseAccount, exportData } from "../../../lib/account.js";
import { textOf } from "../../../lib/errors.js";
import { t } from "../../../lib/locale.js";
import { Notice } from "../../../parts/notice.js";
import { html, useEffect, useRef, useSignal } from "../../../vendor/ui.js";
import { FORMS, requestOf } from "../../account-rules.js";
import { Form } from "../../form.js";

/** Hands the browser a file that was never on a disk of the shop. */
function save(name, data) {
  const url = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function Export() {
  const busy = useSignal(false);
  const trouble = useSignal("");
  const take = async () => {
    if (busy.value) return;
    busy.value = true;
    trouble.value = "";
    try {
      save(`account-${new Date().toISOString().slice(0, 10)}.json`, await exportData());
    } catch (error) {
      trouble.value = textOf(error);
    }
    busy.value = false;
  };
  return html`
    <section class="panel">
      <h2 class="section-title">${t("account.data.export")}</h2>
      <p class="panel-words">${t("account.data.exportWords")}</p>
      ${trouble.value && html`<${Notice} kind="bad" urgent>${trouble.value}<//>`}
      <button type="button" class="button" aria-disabled=${busy.value} onClick=${take}>
        ${t(busy.value ? "account.data.exportBusy" : "account.data.exportButton")}</button>
    </section>`;
}

const GOES = ["profile", "addresses", "sessions", "cart", "orders", "subscriptions", "balance"];

function EraseForm({ onLeave }) {
  const head = useRef(null);
  useEffect(() => head.current.focus(), []);
  const send = (values) => eraseAccount(requestOf(FORMS.erase, values));
  return html`
    <div class="erase">
      <h3 class="erase-title" tabindex="-1" ref=${head}>${t("account.data.sure")}</h3>
      <${Form} fields=${FORMS.erase} button=${t("account.data.eraseNow")} send=${send} main=${false} />
      <button type="button" class="link" onClick=${onLeave}>${t("account.cancel")}</button>
    </div>`;
}

function Erase() {
  const open = useSignal(false);
  return html`
    <section class="panel panel-danger">
      <h2 class="section-title">${t("account.data.erase")}</h2>
      <p class="panel-words">${t("account.data.eraseWords")}</p>
      <ul class="bullets">${GOES.map((name) => html`<li key=${name}>${t(`account.data.goes.${name}`)}</li>`)}</ul>
      ${open.value ? html`<${EraseForm} onLeave=${() => (open.value = false)} />`
        : html`<button type="button" class="button" onClick=${() => (open.value = true)}>${t("account.data.eraseButton")}</button>`}
    </section>`;
}

export const rooms = { data: () => html`<${Export} /><${Erase} />` };
