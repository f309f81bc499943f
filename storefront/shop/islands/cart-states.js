/** A cart with nothing to check out: an empty one, or one that is an order already. */
import { forget } from "../../lib/cart.js";
import { t } from "../../lib/locale.js";
import { orderOfCart, orderPage } from "../../lib/orders.js";
import { Notice } from "../../parts/notice.js";
import { html } from "../../vendor/ui.js";

export const Nothing = () => html`
  <div class="nothing">
    <p>${t("cart.empty")}</p>
    <a class="button button-main" href="/">${t("cart.goOn")}</a>
  </div>`;

/** Back from the payment page: the order stands, and nothing has to be typed again. */
export function Closed({ cartId }) {
  const order = orderOfCart(cartId);
  return html`
    <div class="nothing">
      <${Notice} kind="wait"><p>${t("cart.closed", { number: order?.orderNumber ?? "" })}</p><//>
      ${order && html`<a class="button button-main" href=${orderPage(order)}>${t("cart.toOrder")}</a>`}
      <button type="button" class="button" onClick=${() => forget(cartId)}>${t("cart.startNew")}</button>
    </div>`;
}
