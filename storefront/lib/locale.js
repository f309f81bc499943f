/**
 * The language of the page: `?lang=`, else the one chosen before, else the browser's, else English.
 * Texts are read once per language; components that call `t` are drawn again when it changes.
 */
import { recall, remember } from "./store.js";
import { batch, signal } from "../vendor/ui.js";

export const LOCALES = ["en", "zh-CN"];
const KEY = "locale";

/** The current language, e.g. `zh-CN`. */
export const locale = signal(chosen());
const texts = signal({});

function fitting(tag) {
  const wanted = (tag ?? "").toLowerCase();
  return LOCALES.find((one) => one.toLowerCase() === wanted)
    ?? LOCALES.find((one) => one.slice(0, 2) === wanted.slice(0, 2));
}

function chosen() {
  const asked = fitting(new URLSearchParams(location.search).get("lang"));
  if (asked) {
    remember(KEY, asked);
    return asked;
  }
  return fitting(recall(KEY)) ?? navigator.languages.map(fitting).find(Boolean) ?? "en";
}

/** The shop's texts, and those that most pages do without: `<html data-texts="account/">`. */
async function read(tag) {
  const folders = ["", document.documentElement.dataset.texts ?? ""];
  const found = await Promise.all([...new Set(folders)].map(async (folder) => {
    const answer = await fetch(new URL(`../shop/texts/${folder}${tag}.json`, import.meta.url));
    return answer.json();
  }));
  return Object.assign({}, ...found);
}

async function show(tag) {
  const found = await read(tag);
  batch(() => {
    texts.value = found;
    locale.value = tag;
  });
  document.documentElement.lang = tag;
}

/** Settled when the first texts are there. Started at once, so that it runs beside the modules. */
export const ready = show(locale.value);

/** Change the language in place, remember it, and put it in the address for sharing. */
export async function setLocale(tag) {
  remember(KEY, tag);
  const url = new URL(location.href);
  url.searchParams.set("lang", tag);
  history.replaceState(history.state, "", url);
  await show(tag);
}

export const has = (key) => key in texts.value;

/**
 * The text of a key with its `{names}` filled in. A text with plural forms is an object
 * (`{"one": …, "other": …}`), chosen by `params.count`.
 */
export function t(key, params = {}) {
  let text = texts.value[key] ?? key;
  if (typeof text === "object") {
    const form = new Intl.PluralRules(locale.value).select(params.count);
    text = text[form] ?? text.other;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = params[name];
    return typeof value === "number" ? value.toLocaleString(locale.value) : value ?? whole;
  });
}
