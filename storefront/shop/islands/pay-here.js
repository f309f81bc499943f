/** Where the provider has no page the buyer pays on the order's own: each kind in its own way. */
import { html, useEffect, useSignal } from "../../vendor/ui.js";

/** Each is read when it is needed and gets `{order, orderKey, onAsk}`. */
const PANELS = {
  PASSPHRASE: async () => (await import("./pay-passphrase.js")).PayByPassphrase,
  TRANSFER: async () => (await import("./pay-transfer.js")).PayByTransfer,
};
const VIEWS = ["unpaid", "unsure", "declined", "confirming", "processing"];

/** @param {{view: string, order: object, orderKey: object, onAsk: Function}} props */
export function PayHere({ view, ...props }) {
  const panel = useSignal(null);
  const kind = VIEWS.includes(view) && props.order.instructionKind;
  useEffect(() => {
    PANELS[kind]?.().then((Panel) => (panel.value = { kind, Panel }));
  }, [kind]);
  const Panel = panel.value?.kind === kind && panel.value.Panel;
  return Panel && html`<${Panel} ...${props} />`;
}
