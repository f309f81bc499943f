/**
 * The one place that speaks to the shop's API: same origin, envelope opened, language sent.
 * Answers the envelope's `data`; raises ApiError for everything else.
 */
import { ApiError } from "./errors.js";
import { locale } from "./locale.js";
import { signedIn } from "./signed.js";
import { signal } from "../vendor/ui.js";

const PATIENCE_MS = 12_000;
// Longer than this a shopper should be told, not kept waiting in silence.
const LONGEST_PAUSE_S = 3;

/** False while the browser has no network. */
export const online = signal(navigator.onLine);
addEventListener("online", () => (online.value = true));
addEventListener("offline", () => (online.value = false));

let session;

/** Reads session.js, which needs this module. */
export const signedBy = (read) => (session = read);

/**
 * Options: `body`, `signal`, `headers`, `keepalive`; `repeatable`: asking twice does no harm, so it
 * may be tried once more, true for reads; `signed`: as whoever is signed in, true for writes.
 */
export async function call(method, path, given = {}) {
  const { signed = method !== "GET" } = given;
  const options = { ...given, headers: { ...(method !== "GET" && keyed()), ...given.headers } };
  if (!signed || !signedIn.peek()) return tried(method, path, options);
  return (await session()).signed((headers) =>
    tried(method, path, { ...options, headers: { ...options.headers, ...headers } }));
}

/** Under one key the shop does a thing once. Without TLS there are none. */
const keyed = () => crypto.randomUUID && { "Idempotency-Key": crypto.randomUUID() };

async function tried(method, path, options) {
  const { repeatable = method === "GET" } = options;
  try {
    return await once(method, path, options);
  } catch (error) {
    if (!repeatable || options.signal?.aborted || !passing(error)) throw error;
    await pause(error.retryAfter || 0.3, options.signal);
    return once(method, path, options);
  }
}

export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, { ...options, body });

/** A failure that may be gone a moment later. */
function passing(error) {
  if (error.retryAfter > LONGEST_PAUSE_S) return false;
  return ["TIMEOUT", "BROKEN"].includes(error.code) || [429, 500, 502, 503, 504].includes(error.status);
}

async function once(method, path, { body, headers, keepalive, signal: stop }) {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const request = {
    method,
    keepalive,
    headers: { Accept: "application/json", "Accept-Language": locale.value, ...headers },
    signal: stop ? AbortSignal.any([stop, patience]) : patience,
  };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers["Content-Type"] = "application/json";
  }
  try {
    const answer = await fetch(path, request);
    return opened(answer, await answer.json().catch(() => null));
  } catch (error) {
    if (error instanceof ApiError || stop?.aborted) throw error;
    if (patience.aborted) throw new ApiError("TIMEOUT");
    throw new ApiError(navigator.onLine ? "BROKEN" : "OFFLINE");
  }
}

function opened(answer, envelope) {
  if (answer.ok && envelope?.success) return envelope.data;
  throw new ApiError(envelope?.code ?? "BROKEN", {
    ...envelope,
    status: answer.status,
    requestId: envelope?.requestId ?? answer.headers.get("X-Request-Id") ?? "",
    retryAfter: seconds(answer.headers.get("Retry-After")),
  });
}

/** Retry-After is a number of seconds or a date. */
function seconds(header) {
  if (!header) return 0;
  const number = Number(header);
  return Number.isFinite(number) ? number : Math.max(0, (Date.parse(header) - Date.now()) / 1000);
}

function pause(forSeconds, stop) {
  return new Promise((done, fail) => {
    const timer = setTimeout(done, forSeconds * 1000);
    stop?.addEventListener("abort", () => {
      clearTimeout(timer);
      fail(stop.reason);
    });
  });
}
