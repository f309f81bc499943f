/** Whether somebody is signed in in this browser: it keeps no name and no token, and tells all tabs. */
import { recall, remember } from "./store.js";
import { signal } from "../vendor/ui.js";

export const channel = new BroadcastChannel("cartwright.session");
export const signedIn = signal(recall("session") === true);

export function mark(is) {
  remember("session", is || null);
  signedIn.value = is;
}

channel.addEventListener("message", ({ data }) => mark(data.signedIn));
