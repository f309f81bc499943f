/** Days in the words of the language; on the wire they are ISO 8601. */
import { locale } from "./locale.js";

/** From one day to another, shortened where they share month or year; days have no zone. */
export const days = (from, to) =>
  new Intl.DateTimeFormat(locale.value, { dateStyle: "long", timeZone: "UTC" })
    .formatRange(new Date(from), new Date(to));
