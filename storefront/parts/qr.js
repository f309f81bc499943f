/** Text as a QR code, for a wallet's camera: dark on light, whatever the page's own colours are. */
import { encode } from "../vendor/qr.js";
import { html } from "../vendor/ui.js";

// The standard's own margin, without which cameras may not find the code.
const QUIET = 4;

const squares = (data) => data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");

/** @param {{text: string, label: string}} props  `label` says what the code is of */
export function Qr({ text, label }) {
  const { data, size } = encode(text, { ecc: "M", border: QUIET });
  return html`
    <svg class="qr" role="img" aria-label=${label} viewBox=${`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      <path d=${squares(data)} />
    </svg>`;
}
