/** What a browser calls itself, in words that people use. Pure. */

// The first that fits: most browsers claim to be those below them, too.
const BROWSERS = [
  [/MicroMessenger\//, "WeChat"], [/Edg(e|A|iOS)?\//, "Edge"], [/OPR\/|Opera/, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"], [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrom(e|ium)\/|CriOS\//, "Chrome"], [/Safari\//, "Safari"],
];
const SYSTEMS = [
  [/iPhone/, "iPhone"], [/iPad/, "iPad"], [/Android/, "Android"], [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"], [/CrOS/, "ChromeOS"], [/Linux/, "Linux"],
];

const first = (table, text) => table.find(([pattern]) => pattern.test(text))?.[1];

/** E.g. `Firefox · Windows`; empty for what is not known. */
export const deviceName = (agent = "") =>
  [first(BROWSERS, agent), first(SYSTEMS, agent)].filter(Boolean).join(" · ");
