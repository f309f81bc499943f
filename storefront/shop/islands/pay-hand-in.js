/** A field for what the shop is to be given, and each of its answers. */
import { follow, handIn } from "../../lib/payment.js";
import { textOf } from "../../lib/errors.js";
import { t } from "../../lib/locale.js";
import { Field } from "../../parts/field.js";
import { Notice } from "../../parts/notice.js";
import { html, useSignal } from "../../vendor/ui.js";

/** What the shop says of the thing itself is a sentence already; of all else we have our own. */
const saidOf = (error) =>
  ([409, 422].includes(error.status) && error.message ? error.message : textOf(error));

const KINDS = { SUCCESS: "good", PROCESSING: "wait" };

/**
 * @param {{name: "hash" | "passphrase", label: string, hint?: string, button: string,
 *   maxlength: number, order: object, orderKey: object, onAsk: Function}} props
 */
export function HandIn({ name, label, hint, button, maxlength, order, orderKey, onAsk }) {
  const value = useSignal("");
  const error = useSignal("");
  const said = useSignal(null);
  const busy = useSignal(false);

  async function submit(event) {
    event.preventDefault();
    const given = value.peek().trim();
    if (busy.peek()) return;
    error.value = given ? "" : t("field.missing");
    said.value = null;
    if (!given) return;
    busy.value = true;
    try {
      const { status, notice } = await handIn(orderKey, order.paymentId, { [name]: given });
      const kind = KINDS[status] ?? "warn";
      said.value = { kind, text: notice?.text ?? t(`pay.${KINDS[status] ? status : "OTHER"}`) };
      onAsk();
      // Goes on when this field is gone: the page shows then that the money is on its way.
      if (status === "PROCESSING") follow(orderKey, order.paymentId, { [name]: given }, onAsk);
    } catch (trouble) {
      error.value = saidOf(trouble);
    }
    busy.value = false;
  }

  return html`
    <form class="pay-here-form" novalidate onSubmit=${submit}>
      <${Field} name=${name} label=${label} hint=${hint} error=${error.value} value=${value.value}
        maxlength=${maxlength} autocomplete="off"
        onInput=${(event) => (value.value = event.currentTarget.value)} />
      <button type="submit" class="button" aria-disabled=${busy.value}>${t(busy.value ? "pay.busy" : button)}</button>
      <div class="pay-here-said" role="status">
        ${said.value && html`<${Notice} kind=${said.value.kind}>${said.value.text}<//>`}
        ${error.value && html`<span class="sr">${error.value}</span>`}
      </div>
    </form>`;
}
