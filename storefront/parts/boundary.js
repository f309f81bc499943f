/** A part that breaks shows itself broken, with a way to try again; the rest of the page stays. */
import { t } from "../lib/locale.js";
import { html, useErrorBoundary } from "../vendor/ui.js";
import { Failure } from "./notice.js";

export function Boundary({ children }) {
  const [error, reset] = useErrorBoundary((broken) => console.error(broken));
  return error ? html`<${Failure} text=${t("broken")} onRetry=${reset} />` : children;
}
