/** Where the provider has no page the buyer pays on the order's own: each kind in its own way. */
import { html } from "../../vendor/ui.js";
import { PayByPassphrase } from "./pay-passphrase.js";

const PANELS = { PASSPHRASE: PayByPassphrase };
const VIEWS = ["unpaid", "declined", "confirming", "processing"];

/** @param {{view: string, order: object, orderKey: object, onAsk: Function}} props */
export const PayHere = ({ view, ...props }) => {
  const Panel = VIEWS.includes(view) && PANELS[props.order.instructionKind];
  return Panel && html`<${Panel} ...${props} />`;
};
