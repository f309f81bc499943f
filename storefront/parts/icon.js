/** Line drawings, 24 × 24, in the colour of the text around them; always decoration. */
import { html } from "../vendor/ui.js";

const PATHS = {
  mark: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18m0 0v18M3 12h18M5.6 5.6l12.8 12.8m0-12.8L5.6 18.4",
  bag: "M5 8h14l-1 12.5H6zM8.5 10.5V7a3.5 3.5 0 0 1 7 0v3.5",
  close: "m6 6 12 12M18 6 6 18",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  check: "m5 12.5 4.5 4.5L19 7.5",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2",
  alert: "M12 8v5m0 3.2v.3M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17",
  bang: "M12 5.5v8m0 4.2v.3",
  hands: "M12 6.5V13l4 2.5",
  truck: "M3 6.5h11v10H3zM14 10h4l3 3.5v3h-7zM7 16.5v2m10-2v2",
  next: "m9.5 6 6 6-6 6",
  previous: "m14.5 6-6 6 6 6",
  lock: "M6 11h12v9H6zm2.5 0V8a3.5 3.5 0 0 1 7 0v3",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.5 20.5c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5",
  star: "m12 4 2.4 5.2 5.6.6-4.2 3.8 1.2 5.6-5-2.9-5 2.9 1.2-5.6L4 9.8l5.6-.6z",
};

export const Icon = ({ name }) => html`
  <svg class="icon icon-${name}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} />
  </svg>`;
