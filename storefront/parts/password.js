/** A password: it can be looked at while typing, and its rules are ticked off one by one. */
import { t } from "../lib/locale.js";
import { html, useSignal } from "../vendor/ui.js";
import { Frame, common } from "./field.js";
import { Icon } from "./icon.js";

const Rules = ({ id, rules }) => html`
  <ul class="rules" id=${id}>
    ${rules.map(({ name, met }) => html`
      <li key=${name} class="rule ${met ? "rule-met" : ""}">
        <${Icon} name=${met ? "check" : "minus"} />${t(`password.${name}`)}
        <span class="sr">: ${t(met ? "password.met" : "password.open")}</span>
      </li>`)}
  </ul>`;

/** @param {{rules?: {name: string, met: boolean}[]}} props  of a new password: what it has to be */
export function Password({ autocomplete, value, onInput, rules, ...props }) {
  const shown = useSignal(false);
  const own = common(props);
  const described = [own["aria-describedby"], rules && `${own.id}-rules`].filter(Boolean).join(" ");
  return html`
    <${Frame} ...${props}>
      <div class="password">
        <input ...${own} type=${shown.value ? "text" : "password"} autocomplete=${autocomplete}
          maxlength="200" autocapitalize="off" spellcheck=${false} value=${value} onInput=${onInput}
          aria-describedby=${described || undefined} />
        <button type="button" class="link password-show" aria-controls=${own.id}
          onClick=${() => (shown.value = !shown.value)}>
          ${t(shown.value ? "password.hide" : "password.show")}</button>
      </div>
      ${rules && html`<${Rules} id="${own.id}-rules" rules=${rules} />`}
    <//>`;
}
