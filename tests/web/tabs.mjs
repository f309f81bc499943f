/**
 * Tabs of one browser in Node: a worker thread each, with Web Locks and BroadcastChannel as in a
 * browser, one cookie jar (a shared counter), and a shop that knows which refresh token is next.
 *
 *   node tabs.mjs STOREFRONT '{"tabs": 2, "act": "read", "locks": true, "guest": false, …}'
 *
 * Prints `{refreshes, calls, tabs: [{signedIn, user, outcomes}]}`.
 */
import { createServer } from "node:http";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

/** The shop: an access token is good until a newer refresh; a refresh token is good once. */
function shop(wishes) {
  const seen = { refreshes: 0, calls: 0, signed: 0 };
  let current = 1;
  const answers = {
    "/api/auth/refresh": (request, answer) => {
      seen.refreshes += 1;
      const shown = Number(request.headers["x-jar"]);
      if (wishes.broken) return answer(503, null);
      // As long as another tab needs to come in between, were there no lock.
      return setTimeout(() => {
        if (shown !== current) return answer(401, null);
        current += 1;
        answer(200, { accessToken: `t${current}`, expiresIn: 900, user: { id: "usr_1" }, jar: current });
      }, 40);
    },
    "/api/auth/logout": (request, answer) => answer(200, {}),
  };
  const read = (request, answer) => {
    seen.calls += 1;
    if (request.headers.authorization) seen.signed += 1;
    const good = request.headers.authorization === `Bearer t${current}` && !wishes.refuse;
    answer(good ? 200 : 401, good ? { ok: true } : null);
  };
  const server = createServer((request, response) => {
    const answer = (status, data) => {
      response.writeHead(status, { "Content-Type": "application/json", Connection: "close" });
      response.end(JSON.stringify({ success: status < 400, code: status < 400 ? "SUCCESS" : "UNAUTHORIZED", data }));
    };
    (answers[request.url] ?? read)(request, answer);
  });
  return { server, seen };
}

async function main() {
  const [storefront, text] = process.argv.slice(2);
  const wishes = { tabs: 1, calls: 1, locks: true, guest: false, act: "read", ...JSON.parse(text) };
  const { server, seen } = shop(wishes);
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const jar = new Int32Array(new SharedArrayBuffer(4));
  jar[0] = 1;
  const data = { storefront, wishes, jar, origin: `http://127.0.0.1:${server.address().port}` };
  const workers = Array.from({ length: wishes.tabs }, (_, index) =>
    new Worker(new URL(import.meta.url), { workerData: { ...data, index } }));
  const next = (word) => Promise.all(workers.map((worker) => new Promise((done, fail) => {
    worker.on("error", fail);
    worker.on("message", (message) => message.word === word && done(message.told));
  })));
  const ready = next("ready");
  const told = next("told");
  const left = next("left");
  await ready;
  workers.forEach((worker) => worker.postMessage("act"));
  const outcomes = await told;
  workers.forEach((worker) => worker.postMessage("look"));
  const tabs = (await left).map((tab, index) => ({ ...tab, outcomes: outcomes[index] }));
  console.log(JSON.stringify({ ...seen, tabs }));
  process.exit(0);
}

/** What a browser gives to a page, as far as the modules ask for it. */
function browser({ wishes, jar, origin }) {
  const kept = new Map(wishes.guest ? [] : [["cartwright.session", "true"]]);
  globalThis.localStorage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
  globalThis.addEventListener = () => {};
  globalThis.document = { documentElement: { dataset: {} } };
  globalThis.location = { search: "", reload() {} };
  const locks = wishes.locks ? navigator.locks : undefined;
  Object.defineProperty(globalThis, "navigator", { value: { onLine: true, languages: ["en"], locks } });
  const real = globalThis.fetch;
  globalThis.fetch = async (address, request) => {
    if (String(address).startsWith("file:")) return { json: async () => ({}) };
    const headers = { ...request.headers, "X-Jar": String(Atomics.load(jar, 0)) };
    const answer = await real(origin + address, { ...request, headers, keepalive: false });
    const next = (await answer.clone().json()).data?.jar;
    if (next) Atomics.store(jar, 0, next);
    return answer;
  };
}

async function tab() {
  const { storefront, wishes, index } = workerData;
  browser(workerData);
  const module = (path) => import(`file://${storefront}/lib/${path}`);
  const { get, signedBy } = await module("api.js");
  signedBy(() => module("session.js"));
  const session = await module("session.js");
  const { signedIn } = await module("signed.js");
  const { effect } = await module("../vendor/ui.js");
  const read = () => Promise.all(Array.from({ length: wishes.calls }, () =>
    get("/api/user/profile", { signed: true }).then(() => "ok", (error) => error.code)));
  const until = (holds) => new Promise((done) => effect(() => holds() && done()));
  const acts = {
    read: () => read(),
    // Tab 0 comes first; the others wait for what it has to tell.
    share: () => (index ? until(() => session.user.value).then(read) : read()),
    leave: async () => {
      const outcomes = await acts.share();
      if (index === 0) await session.signOut();
      await until(() => !signedIn.value);
      return outcomes;
    },
  };
  parentPort.on("message", async (word) => {
    if (word === "act") parentPort.postMessage({ word: "told", told: await acts[wishes.act]() });
    if (word === "look") {
      const told = { signedIn: signedIn.value, user: session.user.value, leftBy: session.leftBy.value };
      parentPort.postMessage({ word: "left", told });
    }
  });
  parentPort.postMessage({ word: "ready" });
}

await (isMainThread ? main() : tab());
