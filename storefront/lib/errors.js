/** What can go wrong when the shop is asked, and what to say about it. */
import { has, t } from "./locale.js";

/** An answer that is not a success; `code` is the envelope's, or one of this module's own. */
export class ApiError extends Error {
  /**
   * @param {string} code  e.g. `OUT_OF_STOCK`; without an envelope `OFFLINE`, `TIMEOUT`, `BROKEN`
   * @param {{status?: number, message?: string, errors?: {field: string, message: string}[],
   *   requestId?: string, retryAfter?: number}} [about]  `retryAfter` in seconds
   */
  constructor(code, { status = 0, message = "", errors = [], requestId = "", retryAfter = 0 } = {}) {
    super(message || code);
    Object.assign(this, { code, status, errors: errors ?? [], requestId, retryAfter });
  }
}

/** One sentence for people. A code that we have no words for shows the number to tell us. */
export function textOf(error) {
  const code = error?.code ?? "BROKEN";
  if (code === "OUT_OF_STOCK") return stockText(error);
  const known = `error.${code}`;
  if (has(known)) return t(known, { seconds: error.retryAfter || 1 });
  const said = error.message && error.message !== code ? `${error.message} ` : "";
  return said + t("error.unknown", { id: error.requestId || code });
}

/** Of a shortage, how many are left: the first line that falls short. */
function stockText(error) {
  const left = error.errors.find((entry) => Number.isInteger(entry.available))?.available;
  if (left === undefined) return t("error.OUT_OF_STOCK");
  return left > 0 ? t("cart.onlyLeft", { count: left }) : t("cart.soldOut");
}
