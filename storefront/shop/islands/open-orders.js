/** Orders of this browser that still wait: whoever lost the page finds them again. */
import { t } from "../../lib/locale.js";
import { dropOrder, keptOrders, orderPage } from "../../lib/kept-orders.js";
import { readOrder } from "../../lib/order-read.js";
import { html, signal, useEffect } from "../../vendor/ui.js";

const OVER = ["ORDER_NOT_FOUND", "NOT_FOUND"];
const open = signal([]);

/** What has ended is forgotten; what can't be read now is not shown, and stays. */
async function look() {
  const found = await Promise.all(keptOrders().map(async (kept) => {
    try {
      const { status } = await readOrder(kept);
      if (status === "PENDING") return kept;
      dropOrder(kept.orderId);
    } catch (error) {
      if (OVER.includes(error.code)) dropOrder(kept.orderId);
    }
    return null;
  }));
  open.value = found.filter(Boolean);
}

/** `but`: the cart whose order the page speaks of already. */
export function OpenOrders({ but = null }) {
  useEffect(() => {
    look();
  }, []);
  const shown = open.value.filter((one) => one.cartId !== but || !but);
  return shown.length > 0 && html`
    <section class="open-orders" aria-label=${t("orders.open")}>
      <p class="open-orders-title">${t("orders.open")}</p>
      <ul>
        ${shown.map((one) => html`
          <li key=${one.orderId}><a class="link" href=${orderPage(one)}>${t("orders.openOne", { number: one.orderNumber })}</a></li>`)}
      </ul>
    </section>`;
}
