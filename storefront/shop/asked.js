/** What a part of the page has to read first: its data, its waiting, its failure. */
import { textOf } from "../lib/errors.js";
import { locale } from "../lib/locale.js";
import { resource } from "../lib/resource.js";
import { Failure } from "../parts/notice.js";
import { html, useEffect, useRef } from "../vendor/ui.js";

/** `load(signal, ...args)` runs at once and with every change of language; `ask(...args)` again. */
export function useAsked(load) {
  const kept = useRef(null);
  kept.current ??= resource(load);
  const { state, ask } = kept.current;
  useEffect(() => {
    ask();
  }, [locale.value]);
  return { ...state.value, state, ask };
}

const Bones = () => html`
  <div class="skeleton" aria-hidden="true">
    <span class="bone bone-row"></span><span class="bone bone-row"></span><span class="bone bone-row"></span>
  </div>`;

/** @param {{asked: object, children: (data) => any}} props  old data stays while new is fetched */
export function Asked({ asked, children }) {
  const { data, error, ask } = asked;
  return html`
    ${error && html`<${Failure} text=${textOf(error)} onRetry=${() => ask()} />`}
    ${data ? children(data) : !error && html`<${Bones} />`}`;
}
