/** A yes or no. On `input`, which comes first: whoever listens further up may draw the page anew,
    with the old answer, before `change` is told. */
import { html } from "../vendor/ui.js";

/** @param {{name: string, checked: boolean, onChange: (is: boolean) => void, children: any}} props */
export const Tick = ({ name, checked, onChange, children }) => html`
  <label class="tick">
    <input type="checkbox" name=${name} checked=${checked}
      onInput=${(event) => onChange(event.currentTarget.checked)} />
    <span>${children}</span>
  </label>`;
