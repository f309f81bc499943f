/** The shopper's subscriptions, what may be done with them, and what there is to subscribe to. */
import { announce } from "../../../lib/announce.js";
import { textOf } from "../../../lib/errors.js";
import { t } from "../../../lib/locale.js";
import { money } from "../../../lib/money.js";
import {
  cancelSubscription, changePlan, readPlans, readSubscriptions, resumeSubscription, subscribe,
} from "../../../lib/subscriptions.js";
import { params } from "../../../lib/urlstate.js";
import { moment } from "../../../parts/facts.js";
import { Notice } from "../../../parts/notice.js";
import { html, useEffect, useRef, useSignal } from "../../../vendor/ui.js";
import { Asked, useAsked } from "../../asked.js";
import { deedsOf, free, markOf, shown, whenOf } from "../../subscription-rules.js";

// The provider's word takes seconds; whoever comes back from paying is shown it when it is there.
const LOOK_AGAIN_MS = 1500;
const MOST_LOOKS = 20;

const priceOf = (one) =>
  t(`account.subscriptions.each.${one.interval}`, { price: money(one.price), count: one.intervalCount });

function Change({ one, plans, act }) {
  const change = (event) => {
    const planId = event.currentTarget.value;
    if (planId) act(() => changePlan(one.id, planId), "account.subscriptions.changed");
  };
  return html`
    <label class="pick">
      <span class="pick-label">${t("account.subscriptions.change")}</span>
      <select class="pick-select" name="plan" onChange=${change}>
        <option value="">${t("account.subscriptions.choose")}</option>
        ${plans.filter((plan) => plan.id !== one.planId && plan.price.currency === one.price.currency).map((plan) => html`
          <option key=${plan.id} value=${plan.id}>${plan.name}, ${priceOf(plan)}</option>`)}
      </select>
    </label>`;
}

const Invoices = ({ invoices }) => html`
  <details>
    <summary>${t("account.subscriptions.invoices", { count: invoices.length })}</summary>
    <ul class="bullets">
      ${invoices.map((each) => html`
        <li key=${each.id}><time datetime=${each.createdAt}>${moment(each.createdAt)}</time>${" · "}
          ${money(each.amount)}${" · "}${t(`account.subscriptions.invoice.${each.status}`)}</li>`)}
    </ul>
  </details>`;

function Row({ one, plans, act }) {
  const may = deedsOf(one, plans);
  const moved = whenOf(one);
  const name = html`<span class="sr"> ${one.name}</span>`;
  return html`
    <li class="row subscription">
      <div class="row-words">
        <p class="row-name">${one.name}</p>
        <p class="row-facts">${priceOf(one)}${moved && html`${" · "}${t(moved.key, { when: moment(moved.when) })}`}</p>
        ${one.changingTo && html`<p class="row-facts">${t("account.subscriptions.changing")}</p>`}
        ${one.invoices.length > 0 && html`<${Invoices} invoices=${one.invoices} />`}
        <div class="row-tools">
          ${may.pay && html`<a class="link" href=${one.url}>${t("account.subscriptions.pay")}${name}</a>`}
          ${may.cancel && html`<button type="button" class="link"
            onClick=${() => act(() => cancelSubscription(one.id), "account.subscriptions.cancelled")}>
            ${t("account.subscriptions.cancel")}${name}</button>`}
          ${may.resume && html`<button type="button" class="link"
            onClick=${() => act(() => resumeSubscription(one.id), "account.subscriptions.resumed")}>
            ${t("account.subscriptions.resume")}${name}</button>`}
        </div>
        ${may.change && html`<${Change} one=${one} plans=${plans} act=${act} />`}
      </div>
      <p class="mark mark-${markOf(one)}">${t(`account.subscriptions.status.${one.status}`)}</p>
    </li>`;
}

const Plans = ({ plans, act }) => html`
  <section class="panel">
    <h2 class="section-title">${t("account.subscriptions.plans")}</h2>
    <ul class="rows">
      ${plans.map((plan) => html`
        <li key=${plan.id} class="row plan">
          <div class="row-words"><p class="row-name">${plan.name}</p><p class="row-facts">${priceOf(plan)}</p></div>
          <button type="button" class="button"
            onClick=${() => act(async () => {
              const { url } = await subscribe(plan.id, plan.price.currency);
              if (url) location.assign(url);
            })}>${t("account.subscriptions.subscribe")}<span class="sr"> ${plan.name}</span></button>
        </li>`)}
    </ul>
  </section>`;

/** After paying: look again until the provider has told the shop. */
function useLooks(items, ask) {
  const looks = useRef(0);
  const paid = params.value.get("subscribed");
  const waits = items.some((one) => one.id === paid && one.status === "INCOMPLETE");
  useEffect(() => {
    if (!waits || looks.current >= MOST_LOOKS) return undefined;
    looks.current += 1;
    const timer = setTimeout(ask, LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [items]);
  return waits && looks.current < MOST_LOOKS;
}

function Known({ items, plans, ask }) {
  const trouble = useSignal("");
  const busy = useSignal(false);
  const waits = useLooks(items, ask);
  const act = async (job, said) => {
    if (busy.value) return;
    busy.value = true;
    trouble.value = "";
    try {
      await job();
      if (said) {
        announce(t(said));
        // The button that was pressed is not there any more.
        document.getElementById("account-heading").focus();
      }
      await ask();
    } catch (error) {
      trouble.value = textOf(error);
    }
    busy.value = false;
  };
  const mine = shown(items);
  const begin = free(plans, items);
  return html`
    ${trouble.value && html`<${Notice} kind="bad" urgent>${trouble.value}<//>`}
    ${waits && html`<${Notice} kind="wait">${t("account.subscriptions.waits")}<//>`}
    ${!mine.length && html`<p class="empty">${t("account.subscriptions.empty")}</p>`}
    <ul class="rows">${mine.map((one) => html`<${Row} key=${one.id} one=${one} plans=${plans} act=${act} />`)}</ul>
    ${begin.length > 0 && html`<${Plans} plans=${begin} act=${act} />`}`;
}

function Subscriptions() {
  const asked = useAsked(async (signal) => {
    const [{ items }, { items: plans }] = await Promise.all([readSubscriptions(signal), readPlans(signal)]);
    return { items, plans };
  });
  return html`<${Asked} asked=${asked}>${(data) => html`<${Known} ...${data} ask=${() => asked.ask()} />`}<//>`;
}

export const rooms = { subscriptions: Subscriptions };
