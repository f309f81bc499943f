/** A yes or no. */
import { html } from "../vendor/ui.js";

/** @param {{name: string, checked: boolean, onChange: (is: boolean) => void, children: any}} props */
export const Tick = ({ name, checked, onChange, children }) => html`
  <label class="tick">
    <input type="checkbox" name=${name} checked=${checked}
      onChange=${(event) => onChange(event.currentTarget.checked)} />
    <span>${children}</span>
  </label>`;
