/** Where one is signed in, and the password. */
import { changePassword, endSession, readSessions } from "../../../lib/account.js";
import { announce } from "../../../lib/announce.js";
import { textOf } from "../../../lib/errors.js";
import { t } from "../../../lib/locale.js";
import { signOut } from "../../../lib/session.js";
import { moment } from "../../../parts/facts.js";
import { Icon } from "../../../parts/icon.js";
import { Notice } from "../../../parts/notice.js";
import { html, useSignal } from "../../../vendor/ui.js";
import { FORMS, requestOf } from "../../account-rules.js";
import { Asked, useAsked } from "../../asked.js";
import { deviceName } from "../../device.js";
import { Form } from "../../form.js";

function Session({ session, onEnd }) {
  const device = deviceName(session.device) || t("account.security.unknownDevice");
  return html`
    <li class="row">
      <div class="row-words">
        <p class="row-name">${device}
          ${session.current && html`${" "}<span class="mark mark-good">${t("account.security.this")}</span>`}</p>
        <p class="row-facts">${t("account.security.seen", { when: moment(session.lastSeen), address: session.address })}</p>
        <p class="row-facts">${t("account.security.since", { when: moment(session.createdAt) })}</p>
      </div>
      ${!session.current && html`
        <button type="button" class="link" onClick=${onEnd}>
          ${t("account.security.end")}<span class="sr"> ${device}</span></button>`}
    </li>`;
}

function Sessions() {
  const asked = useAsked((signal) => readSessions(signal));
  const trouble = useSignal("");
  const act = async (job) => {
    trouble.value = "";
    await job().catch((error) => (trouble.value = textOf(error)));
  };
  const end = (session) => act(async () => {
    await endSession(session.id);
    announce(t("account.security.ended"));
    document.getElementById("sessions-heading").focus();
    await asked.ask();
  });
  return html`
    <section class="panel">
      <h2 class="section-title" id="sessions-heading" tabindex="-1">${t("account.security.sessions")}</h2>
      ${trouble.value && html`<${Notice} kind="bad" urgent>${trouble.value}<//>`}
      <${Asked} asked=${asked}>${({ items }) => html`
        <ul class="rows">
          ${items.map((one) => html`<${Session} key=${one.id} session=${one} onEnd=${() => end(one)} />`)}
        </ul>
        <button type="button" class="button" onClick=${() => act(() => signOut({ everywhere: true }))}>
          ${t("account.security.endAll")}</button>`}<//>
    </section>`;
}

function Password() {
  const round = useSignal(0);
  const send = async (values) => {
    await changePassword(requestOf(FORMS.password, values));
    announce(t("account.security.changed"));
    // Emptied: a new form, as passwords should not stay on the page.
    round.value += 1;
  };
  return html`
    <section class="panel">
      <h2 class="section-title">${t("account.security.password")}</h2>
      <${Form} key=${round.value} fields=${FORMS.password} button=${t("account.security.change")} send=${send} main=${false}>
        ${round.value > 0 && html`<p class="saved"><${Icon} name="check" />${t("account.security.changed")}</p>`}
      <//>
    </section>`;
}

export const rooms = { security: () => html`<${Sessions} /><${Password} />` };
