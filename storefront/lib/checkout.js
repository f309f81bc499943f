/** Turning the cart into an order: one request however often the button is pressed. */
import { post } from "./api.js";
import { address, cartId } from "./cart.js";
import { keepOrder } from "./kept-orders.js";
import { settle } from "./cart-change.js";
import { signal } from "../vendor/ui.js";

/** True from the press of the button until the shop has refused or the page is left. */
export const placing = signal(false);

/**
 * @param {object} details  email, address, shippingMethod, paymentMethod, note, locale
 * @returns {Promise<{url: string} | null>} where to pay; null if a request is on its way already
 */
export async function place(details) {
  if (placing.peek()) return null;
  placing.value = true;
  try {
    await settle();
    const id = cartId.peek();
    // The shop answers a cart's checkout the same order however often it is asked.
    const order = await post(address("/checkout"), details, { repeatable: true });
    keepOrder({
      orderId: order.orderId, orderNumber: order.orderNumber, token: order.accessToken, cartId: id,
    });
    return order;
  } catch (error) {
    placing.value = false;
    throw error;
  }
}

// Back from the payment page: the browser may show this page as it was left, mid-press.
addEventListener("pageshow", (event) => {
  if (event.persisted) placing.value = false;
});
