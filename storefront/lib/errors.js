/** What can go wrong when the shop is asked, and what to say about it. */
import { has, t } from "./locale.js";

/** `code` is the envelope's; without an envelope `OFFLINE`, `TIMEOUT` or `BROKEN`. */
export class ApiError extends Error {
  /** `errors`: `{field, message}` each; `retryAfter` in seconds. */
  constructor(code, { status = 0, message = "", errors = [], requestId = "", retryAfter = 0 } = {}) {
    super(message || code);
    Object.assign(this, { code, status, errors: errors ?? [], requestId, retryAfter });
  }
}

/** One sentence for people; a code without words shows its number. */
export function textOf(error) {
  const code = error?.code ?? "BROKEN";
  if (code === "OUT_OF_STOCK") return stockText(error);
  const known = `error.${code}`;
  const seconds = error.retryAfter || 1;
  if (has(known)) return t(known, { seconds, minutes: Math.ceil(seconds / 60) });
  const said = error.message && error.message !== code ? `${error.message} ` : "";
  return said + t("error.unknown", { id: error.requestId || code });
}

/** How many are left of the first line that falls short. */
function stockText(error) {
  const left = error.errors.find((entry) => Number.isInteger(entry.available))?.available;
  if (left === undefined) return t("error.OUT_OF_STOCK");
  return left > 0 ? t("cart.onlyLeft", { count: left }) : t("cart.soldOut");
}
