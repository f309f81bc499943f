/** Form fields: a label, the native control, a hint, and what is wrong, tied together. */
import { t } from "../lib/locale.js";
import { html } from "../vendor/ui.js";
import { Icon } from "./icon.js";

/** The id of the control that a field name belongs to: `address.line1` → `field-address-line1`. */
export const idOf = (name) => `field-${name.replaceAll(".", "-")}`;

const describedBy = (id, hint, error) =>
  [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;

export function Frame({ name, label, hint, error, optional, wide, children }) {
  const id = idOf(name);
  return html`
    <div class="field ${error ? "field-wrong" : ""} ${wide ? "field-wide" : ""}">
      <label class="field-label" for=${id}>${label}
        ${optional && html` <span class="field-optional">${t("field.optional")}</span>`}</label>
      ${children}
      ${hint && html`<p class="field-hint" id="${id}-hint">${hint}</p>`}
      ${error && html`<p class="field-error" id="${id}-error"><${Icon} name="alert" />${error}</p>`}
    </div>`;
}

/** What every native control has. */
export const common = ({ name, hint, error, optional }) => ({
  id: idOf(name),
  name,
  class: "input",
  required: !optional,
  "aria-invalid": error ? "true" : undefined,
  "aria-describedby": describedBy(idOf(name), hint, error),
});

export const Field = ({ type = "text", autocomplete, inputmode, maxlength = 200, value, onInput, ...props }) =>
  html`
    <${Frame} ...${props}>
      <input ...${common(props)} type=${type} autocomplete=${autocomplete} inputmode=${inputmode}
        maxlength=${maxlength} value=${value} onInput=${onInput} />
    <//>`;

export const TextArea = ({ rows = 3, maxlength = 500, value, onInput, ...props }) => html`
  <${Frame} ...${props}>
    <textarea ...${common(props)} rows=${rows} maxlength=${maxlength} value=${value} onInput=${onInput} />
  <//>`;

/** @param {{options: {value: string, text: string}[], empty?: string}} props */
export const Select = ({ options, empty, autocomplete, value, onInput, ...props }) => html`
  <${Frame} ...${props}>
    <select ...${common(props)} autocomplete=${autocomplete} value=${value} onChange=${onInput}>
      ${empty && html`<option value="">${empty}</option>`}
      ${options.map((one) => html`
        <option value=${one.value} key=${one.value} selected=${one.value === value}>${one.text}</option>`)}
    </select>
  <//>`;

/** What is wrong in the whole form, with a link to each field; it takes the focus when it appears. */
export function ErrorSummary({ errors, labelOf }) {
  const names = Object.keys(errors);
  if (!names.length) return null;
  return html`
    <div class="notice notice-bad" role="alert" tabindex="-1" id="error-summary">
      <${Icon} name="alert" />
      <div>
        <h2 class="notice-title">${t("form.wrong", { count: names.length })}</h2>
        <ul class="notice-list">
          ${names.map((name) => html`
            <li key=${name}><a href="#${idOf(name)}">${labelOf(name)}: ${errors[name]}</a></li>`)}
        </ul>
      </div>
    </div>`;
}
