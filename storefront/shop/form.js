/** A form of the account, told as data (account-rules.js): faults beside their fields, one request
 *  at a time, and nothing typed is lost. */
import { textOf } from "../lib/errors.js";
import { t } from "../lib/locale.js";
import { ErrorSummary, Field, Select } from "../parts/field.js";
import { Notice } from "../parts/notice.js";
import { Password } from "../parts/password.js";
import { html, useSignal } from "../vendor/ui.js";
import { faultsOf, faultsOfAnswer, passwordRules } from "./account-rules.js";
import { regionsOf } from "./address-rules.js";
import { countries } from "./countries.js";

const labelOf = (field) => field.said ?? t(field.label ?? `field.${field.name}`);

function optionsOf(field, value) {
  if (field.kind === "country") return countries();
  if (field.kind === "region") return regionsOf(field, value);
  return field.options.map((value) => ({ value, text: t(`option.${value}`) }));
}

function Input({ field, values, error }) {
  const { name, kind, hint, examples } = field;
  const value = values.value[name] ?? "";
  // A region belongs to its country.
  const more = kind === "country" ? { region: "" } : {};
  const props = {
    ...field, value, error,
    label: labelOf(field),
    hint: examples?.length ? t("field.example", { example: examples[0] }) : hint && t(hint),
    onInput: (event) => (values.value = { ...values.peek(), [name]: event.currentTarget.value, ...more }),
  };
  if (kind === "password") return html`<${Password} ...${props} rules=${field.rules && passwordRules(value)} />`;
  if (!kind) return html`<${Field} ...${props} />`;
  const empty = { country: t("field.chooseCountry"), region: t("field.chooseOne") }[kind]
    ?? (field.optional && t("option.none"));
  return html`<${Select} ...${props} options=${optionsOf(field, value)} empty=${empty} />`;
}

/** The sentence for the whole form, or the list of its faults; takes the focus when it appears. */
const Trouble = ({ fields, errors, sentence }) => (sentence
  ? html`<div id="error-summary" tabindex="-1"><${Notice} kind="bad" urgent>${sentence}<//></div>`
  : html`<${ErrorSummary} errors=${errors}
      labelOf=${(name) => labelOf(fields.find((field) => field.name === name))} />`);

/**
 * @param {{fields: object[] | (values) => object[], first?: object, button: string, send: (values) => Promise, children?: any,
 *   main?: boolean, check?: (fields, values) => object}} props  `send` refuses by raising what the shop answered; `children`: below the fields
 */
export function Form({ fields: asked, first = {}, button, send, children, main = true, check = faultsOf }) {
  const values = useSignal(first);
  const fields = typeof asked === "function" ? asked(values.value) : asked;
  const errors = useSignal({});
  const sentence = useSignal("");
  const busy = useSignal(false);

  function show(found, said = "") {
    errors.value = found;
    sentence.value = said;
    setTimeout(() => document.getElementById("error-summary")?.focus());
  }

  async function submit(event) {
    event.preventDefault();
    if (busy.peek()) return;
    const faults = check(fields, values.peek());
    if (Object.keys(faults).length) {
      return show(Object.fromEntries(Object.entries(faults).map(([name, key]) => [name, t(key)])));
    }
    busy.value = true;
    errors.value = {};
    sentence.value = "";
    try {
      await send(values.peek());
    } catch (error) {
      const found = faultsOfAnswer(fields, error);
      show(found, Object.keys(found).length ? "" : textOf(error));
    }
    busy.value = false;
  }

  return html`
    <form class="form" novalidate onSubmit=${submit}>
      <${Trouble} fields=${fields} errors=${errors.value} sentence=${sentence.value} />
      <div class="fields">
        ${fields.map((field) => html`
          <${Input} key=${field.name} field=${field} values=${values} error=${errors.value[field.name]} />`)}
      </div>
      ${children}
      <div class="form-foot">
        <button type="submit" class="button ${main ? "button-main" : ""}" aria-disabled=${busy.value}>${button}</button>
      </div>
    </form>`;
}
