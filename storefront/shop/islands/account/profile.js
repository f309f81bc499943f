/** Who the shopper is to the shop, as far as they like to say. */
import { readProfile, saveProfile, sendLinkAgain } from "../../../lib/account.js";
import { announce } from "../../../lib/announce.js";
import { textOf } from "../../../lib/errors.js";
import { t } from "../../../lib/locale.js";
import { Icon } from "../../../parts/icon.js";
import { html, useSignal } from "../../../vendor/ui.js";
import { FORMS, requestOf } from "../../account-rules.js";
import { Asked, useAsked } from "../../asked.js";
import { Form } from "../../form.js";

/** The link of the first mail may be lost; it is sent again when asked for. */
function Resend() {
  const said = useSignal("");
  const send = async () => {
    said.value = "";
    said.value = await sendLinkAgain().then(() => t("account.profile.linkSent"), textOf);
  };
  return html`
    <button type="button" class="link" onClick=${send}>${t("account.profile.sendLink")}</button>
    <span role="status">${said.value}</span>`;
}

const Email = ({ profile }) => html`
  <p class="profile-email">
    <span class="field-label">${t("field.email")}</span>
    <span>${profile.email}</span>
    <span class="mark ${profile.emailVerified ? "mark-good" : "mark-warn"}">
      <${Icon} name=${profile.emailVerified ? "check" : "alert"} />
      ${t(profile.emailVerified ? "account.profile.verified" : "account.profile.unverified")}</span>
    ${!profile.emailVerified && html`<${Resend} />`}
  </p>`;

function Profile() {
  const asked = useAsked((signal) => readProfile(signal));
  const saved = useSignal(false);
  const send = (profile) => async (values) => {
    saved.value = false;
    const { avatar, version } = profile;
    await saveProfile({ ...requestOf(FORMS.profile, values, { clear: true }), avatar, version });
    saved.value = true;
    announce(t("account.profile.saved"));
    asked.ask();
  };
  return html`
    <${Asked} asked=${asked}>${(profile) => html`
      <${Email} profile=${profile} />
      <${Form} fields=${FORMS.profile} first=${profile} button=${t("account.save")} send=${send(profile)}>
        ${saved.value && html`<p class="saved"><${Icon} name="check" />${t("account.profile.saved")}</p>`}
      <//>`}<//>`;
}

export const rooms = { profile: Profile };
