/** The address book: one of them is the default, and what was taken out can be put back. */
import { addAddress, dropAddress, readAddresses, saveAddress } from "../../../lib/account.js";
import { announce } from "../../../lib/announce.js";
import { textOf } from "../../../lib/errors.js";
import { t } from "../../../lib/locale.js";
import { Postal } from "../../../parts/facts.js";
import { Notice } from "../../../parts/notice.js";
import { Tick } from "../../../parts/tick.js";
import { html, useEffect, useRef, useSignal } from "../../../vendor/ui.js";
import { formOf } from "../../../lib/address-forms.js";
import { COUNTRY, requestOf } from "../../account-rules.js";
import { NAMES, faultsOf, fieldsOf } from "../../address-rules.js";
import { Asked, useAsked } from "../../asked.js";
import { Form } from "../../form.js";

/** An address with all it has; of one that was typed, what its country asks for. */
const bodyOf = (values, isDefault, fields = NAMES.map((name) => ({ name }))) =>
  ({ ...requestOf(fields, values), isDefault });

function fieldsFor({ country }) {
  const form = formOf(country);
  return [COUNTRY, ...(form === undefined ? [] : fieldsOf(form))];
}

/** @param {{address?: object, first?: boolean, onDone: Function, onLeave: Function}} props */
function AddressForm({ address, first, onDone, onLeave }) {
  // The first of all becomes the default without being asked to; the list may be older than that.
  const isDefault = useSignal(Boolean(address?.isDefault));
  const head = useRef(null);
  useEffect(() => head.current.focus(), []);
  const send = async (values) => {
    const body = bodyOf(values, isDefault.value, fieldsFor(values));
    await (address ? saveAddress(address.id, body) : addAddress(body));
    announce(t("account.addresses.saved"));
    onDone();
  };
  return html`
    <section class="panel">
      <h2 class="section-title" tabindex="-1" ref=${head}>
        ${t(address ? "account.addresses.edit" : "account.addresses.add")}</h2>
      <${Form} fields=${fieldsFor} check=${faultsOf} first=${address ?? {}} button=${t("account.save")} send=${send}>
        ${!address?.isDefault && !first && html`
          <${Tick} name="isDefault" checked=${isDefault.value} onChange=${(is) => (isDefault.value = is)}>
            ${t("account.addresses.makeDefault")}<//>`}
      <//>
      <button type="button" class="link" onClick=${onLeave}>${t("account.cancel")}</button>
    </section>`;
}

function Entry({ address, onEdit, onDefault, onRemove }) {
  const named = html`<span class="sr"> ${address.name}, ${address.line1}</span>`;
  return html`
    <li class="panel address-card">
      ${address.isDefault && html`<p class="mark mark-good">${t("account.addresses.default")}</p>`}
      <${Postal} address=${address} />
      <p class="row-tools">
        <button type="button" class="link" onClick=${onEdit}>${t("account.edit")}${named}</button>
        ${!address.isDefault && html`
          <button type="button" class="link" onClick=${onDefault}>${t("account.addresses.makeDefault")}${named}</button>`}
        <button type="button" class="link" onClick=${onRemove}>${t("cart.remove")}${named}</button>
      </p>
    </li>`;
}

function Undo({ onUndo }) {
  const button = useRef(null);
  // The button that was pressed is gone with its address; focus must not fall to the top.
  useEffect(() => button.current.focus(), []);
  return html`
    <p class="undo"><span>${t("account.addresses.removed")}</span>
      <button type="button" class="link" ref=${button} onClick=${onUndo}>${t("cart.undo")}</button></p>`;
}

function Addresses() {
  const asked = useAsked((signal) => readAddresses(signal));
  const open = useSignal(null); // an address, "new", or nothing
  const removed = useSignal(null);
  const trouble = useSignal("");

  const done = () => {
    open.value = null;
    asked.ask();
    document.getElementById("account-heading").focus();
  };
  const act = async (job, words, put) => {
    trouble.value = "";
    try {
      await job();
      removed.value = put ?? null;
      announce(t(words));
      asked.ask();
    } catch (error) {
      trouble.value = textOf(error);
    }
  };
  const drop = (one) => act(() => dropAddress(one.id), "account.addresses.removed", one);
  const makeDefault = (one) => act(() => saveAddress(one.id, bodyOf(one, true)), "account.addresses.saved");
  const undo = ({ isDefault, ...one }) =>
    act(() => addAddress(bodyOf(one, isDefault)), "account.addresses.saved");

  return html`
    ${trouble.value && html`<${Notice} kind="bad" urgent>${trouble.value}<//>`}
    ${removed.value && html`<${Undo} key=${removed.value.id} onUndo=${() => undo(removed.value)} />`}
    <${Asked} asked=${asked}>${({ items }) => (open.value
      ? html`<${AddressForm} address=${open.value === "new" ? undefined : open.value} first=${!items.length}
          onDone=${done} onLeave=${done} />`
      : html`
        ${!items.length && html`<p class="empty">${t("account.addresses.empty")}</p>`}
        <ul class="address-cards">
          ${items.map((one) => html`
            <${Entry} key=${one.id} address=${one} onEdit=${() => (open.value = one)}
              onDefault=${() => makeDefault(one)} onRemove=${() => drop(one)} />`)}
        </ul>
        <button type="button" class="button" onClick=${() => (open.value = "new")}>
          ${t("account.addresses.add")}</button>`)}<//>`;
}

export const rooms = { addresses: Addresses };
