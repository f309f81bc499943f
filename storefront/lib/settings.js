/** The shop's settings: name, categories, shipping, countries. */
import { get } from "./api.js";
import { resource } from "./resource.js";

const asked = resource((signal) => get("/api/settings", { signal }));

export const settings = asked.state;
export const askSettings = asked.ask;
