/** A quantity: minus, a number that can be typed, plus. */
import { t } from "../lib/locale.js";
import { html } from "../vendor/ui.js";
import { Icon } from "./icon.js";

/**
 * @param {{value: number, max: number, min?: number, label: string, name?: string,
 *   onChange: (quantity: number) => void}} props  `label` names the thing that is counted
 */
export function Stepper({ value, max, min = 1, label, name, onChange }) {
  const most = Math.max(min, max);
  const set = (wanted) => {
    const whole = Math.round(Number(wanted));
    const next = Number.isFinite(whole) ? Math.min(most, Math.max(min, whole)) : value;
    if (next !== value) onChange(next);
    return next;
  };
  return html`
    <span class="stepper" role="group" aria-label=${t("quantity.of", { name: label })}>
      <button type="button" class="stepper-button" aria-label=${t("quantity.less")}
        disabled=${value <= min} onClick=${() => set(value - 1)}><${Icon} name="minus" /></button>
      <input class="stepper-number" type="number" inputmode="numeric" name=${name}
        aria-label=${t("quantity.label")} min=${min} max=${most} value=${value}
        onChange=${(event) => (event.currentTarget.value = set(event.currentTarget.value))} />
      <button type="button" class="stepper-button" aria-label=${t("quantity.more")}
        disabled=${value >= most} onClick=${() => set(value + 1)}><${Icon} name="plus" /></button>
    </span>`;
}
