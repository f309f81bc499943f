/** Time left until a moment, in minutes and seconds. */
import { html, useEffect, useSignal } from "../vendor/ui.js";

const left = (iso) => Math.max(0, Math.ceil((Date.parse(iso) - Date.now()) / 1000));

/** @param {{until: string, onOver?: () => void}} props  `until`: ISO 8601 */
export function Countdown({ until, onOver }) {
  const seconds = useSignal(left(until));
  useEffect(() => {
    seconds.value = left(until);
    const timer = setInterval(() => {
      seconds.value = left(until);
      if (seconds.value > 0) return;
      clearInterval(timer);
      onOver?.();
    }, 1000);
    return () => clearInterval(timer);
  }, [until]);
  const minutes = Math.floor(seconds.value / 60);
  const clock = `${minutes}:${String(seconds.value % 60).padStart(2, "0")}`;
  // A timer is not read out every second; the sentence around it says what it counts.
  return html`<time class="countdown" role="timer" datetime="PT${seconds.value}S">${clock}</time>`;
}
