/** Where the provider has no page the buyer pays on the order's own: each kind in its own way. */
import { textOf } from "../../lib/errors.js";
import { late } from "../../lib/late.js";
import { Failure } from "../../parts/notice.js";
import { html, useEffect, useSignal } from "../../vendor/ui.js";

/** Each is read when it is needed and gets `{order, orderKey, onAsk}`. */
const PANELS = {
  PASSPHRASE: async () => (await late("./pay-passphrase.js", import.meta.url)).PayByPassphrase,
  TRANSFER: async () => (await late("./pay-transfer.js", import.meta.url)).PayByTransfer,
};
const VIEWS = ["unpaid", "unsure", "declined", "confirming", "processing"];

/** @param {{view: string, order: object, orderKey: object, onAsk: Function}} props */
export function PayHere({ view, ...props }) {
  const panel = useSignal(null);
  const kind = VIEWS.includes(view) && props.order.instructionKind;
  const fetchPanel = () => PANELS[kind]?.().then(
    (Panel) => (panel.value = { kind, Panel }),
    (error) => (panel.value = { kind, error }),
  );
  useEffect(() => void fetchPanel(), [kind]);
  const { Panel, error } = panel.value?.kind === kind ? panel.value : {};
  if (error) return html`<${Failure} text=${textOf(error)} onRetry=${fetchPanel} />`;
  return Panel && html`<${Panel} ...${props} />`;
}
