/** A cart with nothing to check out: an empty one, or one that is an order already. */
import { forget } from "../../lib/cart.js";
import { late } from "../../lib/late.js";
import { t } from "../../lib/locale.js";
import { orderOfCart, orderPage } from "../../lib/kept-orders.js";
import { Notice } from "../../parts/notice.js";
import { html, signal, useEffect } from "../../vendor/ui.js";

const found = signal(null);

/** Orders of this browser that wait; most have none, so it is read later. */
export function OpenOrders(props) {
  useEffect(() => {
    // Without them the page says all else that it has to say.
    late("./open-orders.js", import.meta.url)
      .then((island) => (found.value = island.OpenOrders), () => {});
  }, []);
  return found.value && html`<${found.value} ...${props} />`;
}

export const Nothing = () => html`
  <div class="nothing">
    <p>${t("cart.empty")}</p>
    <a class="button button-main" href="/">${t("cart.goOn")}</a>
    <${OpenOrders} />
  </div>`;

/** Back from the payment page: the order stands, and nothing has to be typed again. */
export function Closed({ cartId }) {
  const order = orderOfCart(cartId);
  return html`
    <div class="nothing">
      <${Notice} kind="wait"><p>${t("cart.closed", { number: order?.orderNumber ?? "" })}</p><//>
      ${order && html`<a class="button button-main" href=${orderPage(order)}>${t("cart.toOrder")}</a>`}
      <button type="button" class="button" onClick=${() => forget(cartId)}>${t("cart.startNew")}</button>
      <${OpenOrders} but=${cartId} />
    </div>`;
}
