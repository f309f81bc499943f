/** The cart, beside every page; cart-opener.js fetches it, and says by a signal when it is open. */
import { announce } from "../../lib/announce.js";
import { add, settle } from "../../lib/cart-change.js";
import { cart, count, lines, unsettled } from "../../lib/cart.js";
import { textOf } from "../../lib/errors.js";
import { t } from "../../lib/locale.js";
import { money } from "../../lib/money.js";
import { Boundary } from "../../parts/boundary.js";
import { Drawer } from "../../parts/drawer.js";
import { Icon } from "../../parts/icon.js";
import { html, signal, useEffect, useRef } from "../../vendor/ui.js";
import { CartLine } from "./cart-line.js";
import { Closed, OpenOrders } from "./cart-states.js";

/** What was taken out last: `{variantId, name, quantity}`. */
const removed = signal(null);

async function undo() {
  const { variantId, name, quantity } = removed.value;
  removed.value = null;
  await settle();
  try {
    await add(variantId, quantity);
    announce(t("cart.added", { name }));
  } catch (error) {
    announce(textOf(error));
  }
}

/** The last wishes first, so that the checkout page finds the cart as it is shown here. */
async function toCheckout(event) {
  if (!unsettled.value) return;
  event.preventDefault();
  await settle();
  location.assign("/checkout.html");
}

function Undo() {
  const button = useRef(null);
  // The button that was pressed is gone with its line; focus must not fall out of the dialog.
  useEffect(() => button.current.focus(), [removed.value]);
  return html`
    <p class="undo">
      <span>${t("cart.removed", { name: removed.value.name })}</span>
      <button type="button" class="link" ref=${button} onClick=${undo}>${t("cart.undo")}</button>
    </p>`;
}

const Empty = ({ onClose }) => html`
  <div class="cart-empty">
    <${Icon} name="bag" />
    <p>${t("cart.empty")}</p>
    <button type="button" class="button button-quiet" onClick=${onClose}>
      ${t("cart.goOn")}</button>
    <${OpenOrders} />
  </div>`;

function Filled() {
  return html`
    <ul class="cart-lines">
      ${lines.value.map((line) => html`
        <${CartLine} key=${line.variantId} line=${line} onRemoved=${() => (removed.value = line)} />`)}
    </ul>
    <div class="cart-foot">
      <p class="cart-sum ${unsettled.value ? "stale" : ""}">
        <span>${t("sum.items")}</span><strong>${money(cart.value.subtotal)}</strong></p>
      <p class="cart-hint">${t(cart.value.requiresShipping ? "cart.shippingLater" : "cart.noShipping")}</p>
      <a class="button button-main button-wide" href="/checkout.html" onClick=${toCheckout}>
        ${t("cart.checkout")}</a>
    </div>`;
}

function Contents({ onClose }) {
  if (cart.value?.status === "CHECKED_OUT") return html`<${Closed} cartId=${cart.value.id} />`;
  return html`
    ${removed.value && html`<${Undo} />`}
    ${lines.value.length ? html`<${Filled} />` : html`<${Empty} onClose=${onClose} />`}`;
}

export function CartDrawer({ open }) {
  const close = () => (open.value = false);
  // What was removed can be put back for as long as the drawer stays open.
  useEffect(() => {
    if (!open.value) removed.value = null;
  }, [open.value]);
  return html`
    <${Drawer} open=${open.value} onClose=${close}
      title=${html`${t("cart.title")} <span class="drawer-count">${count.value || ""}</span>`}>
      <${Boundary}><${Contents} onClose=${close} /><//>
    <//>`;
}
