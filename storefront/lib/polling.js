/** Asking again and again, ever more slowly, for as long as an answer may still come. */

const STEPS_S = [1, 2, 3, 5, 8];
const LONGEST_S = 120;

/**
 * Calls `ask` after 1, 2, 3, 5, 8, 8 … seconds until it answers true or two minutes are over.
 * @param {() => Promise<boolean>} ask  true: settled, no need to ask again; failures are asked again
 * @param {() => void} [over]  called once when the two minutes are over
 * @returns {() => void} stop
 */
export function poll(ask, over = () => {}) {
  let timer;
  let stopped = false;
  let waited = 0;

  const next = (turn) => {
    const pause = STEPS_S[Math.min(turn, STEPS_S.length - 1)];
    if (waited + pause > LONGEST_S) return over();
    waited += pause;
    timer = setTimeout(async () => {
      const settled = await ask().catch(() => false);
      if (!settled && !stopped) next(turn + 1);
    }, pause * 1000);
  };
  next(0);

  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
