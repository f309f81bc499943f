/** Paying a waiting order another way, and giving it up. */
import { announce } from "../../lib/announce.js";
import { textOf } from "../../lib/errors.js";
import { t } from "../../lib/locale.js";
import { cancelOrder, payAnotherWay } from "../../lib/order-calls.js";
import { takeBack } from "../../lib/refill.js";
import { settings } from "../../lib/settings.js";
import { Notice } from "../../parts/notice.js";
import { html, signal, useRef, useSignal } from "../../vendor/ui.js";
import { waysToPay } from "../checkout-rules.js";

/** Whether the things of the order that was given up here are in the cart again. */
export const takenBack = signal(false);

/** One job at a time; a refusal is told, and what has moved meanwhile is looked at. */
function useJob(onAsk) {
  const busy = useSignal(false);
  const trouble = useSignal("");
  const run = async (job) => {
    if (busy.peek()) return;
    busy.value = true;
    trouble.value = "";
    try {
      await job();
    } catch (error) {
      trouble.value = textOf(error);
      if (error.status === 409) onAsk();
    }
    busy.value = false;
  };
  return { busy, trouble, run };
}

const Trouble = ({ text }) => text && html`<${Notice} kind="bad" urgent>${text}<//>`;

function go(url) {
  const there = new URL(url, location.href);
  location.assign(there);
  // On this very page only the fragment would change, and nothing be read anew.
  if (there.origin === location.origin && there.pathname === location.pathname) location.reload();
}

export function OtherWays({ order, orderKey, onAsk }) {
  const { busy, trouble, run } = useJob(onAsk);
  const ways = waysToPay(settings.value.data, order.currency).filter((way) => way.id !== order.method);
  if (!ways.length) return null;
  return html`
    <details class="choices-more">
      <summary class="button">${t("order.otherWay")}</summary>
      <ul class="choices-list" aria-busy=${busy.value}>
        ${ways.map((way) => html`
          <li key=${way.id}><button type="button" class="button" aria-disabled=${busy.value}
            onClick=${() => run(async () => go((await payAnotherWay(orderKey, way.id)).url))}>${way.name}</button></li>`)}
      </ul>
      <${Trouble} text=${trouble.value} />
    </details>`;
}

/** Asked once more before anything is lost. */
export function GiveUp({ order, orderKey, onAsk }) {
  const { busy, trouble, run } = useJob(onAsk);
  const box = useRef(null);
  const close = () => {
    box.current.open = false;
    box.current.querySelector("summary").focus();
  };
  const cancel = async () => {
    const filled = await cancelOrder(orderKey);
    // The order is over, whatever becomes of the cart.
    takenBack.value = await takeBack(filled, order.lines).catch(() => false);
    announce(t("order.cancelled.title"));
    onAsk();
  };
  return html`
    <details class="choices-more" ref=${box}>
      <summary class="button button-quiet">${t("order.cancel")}</summary>
      <p>${t("order.cancelSure")}</p>
      <div class="choices-list">
        <button type="button" class="button" aria-disabled=${busy.value} onClick=${() => run(cancel)}>
          ${t(busy.value ? "order.cancelBusy" : "order.cancelYes")}</button>
        <button type="button" class="button button-quiet" onClick=${close}>${t("order.cancelNo")}</button>
      </div>
      <${Trouble} text=${trouble.value} />
    </details>`;
}
