/** The cart, beside every page; read when it is opened for the first time (cart-opener.js). */
import { announce } from "../../lib/announce.js";
import { add, settle } from "../../lib/cart-change.js";
import { cart, count, lines, unsettled } from "../../lib/cart.js";
import { textOf } from "../../lib/errors.js";
import { t } from "../../lib/locale.js";
import { money } from "../../lib/money.js";
import { Boundary } from "../../parts/boundary.js";
import { Drawer } from "../../parts/drawer.js";
import { Icon } from "../../parts/icon.js";
import { effect, html, signal, useEffect, useRef } from "../../vendor/ui.js";
import { open } from "./cart-opener.js";
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

const Empty = () => html`
  <div class="cart-empty">
    <${Icon} name="bag" />
    <p>${t("cart.empty")}</p>
    <button type="button" class="button button-quiet" onClick=${() => (open.value = false)}>
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

function Contents() {
  if (cart.value?.status === "CHECKED_OUT") return html`<${Closed} cartId=${cart.value.id} />`;
  return html`
    ${removed.value && html`<${Undo} />`}
    ${lines.value.length ? html`<${Filled} />` : html`<${Empty} />`}`;
}

// What was removed can be put back for as long as the drawer stays open.
effect(() => {
  if (!open.value) removed.value = null;
});

export const CartDrawer = () => html`
  <${Drawer} open=${open.value} onClose=${() => (open.value = false)}
    title=${html`${t("cart.title")} <span class="drawer-count">${count.value || ""}</span>`}>
    <${Boundary}><${Contents} /><//>
  <//>`;
