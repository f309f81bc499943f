/** One sentence for those who hear the page instead of seeing it. */
import { signal } from "../vendor/ui.js";

export const announcement = signal("");

/** Said once, politely. The same words twice are two announcements. */
export function announce(text) {
  announcement.value = "";
  setTimeout(() => (announcement.value = text), 50);
}
