/** What became of a guest's cart at sign-in, told from the lines before and after. Pure. */

const byVariant = (lines) => Object.fromEntries(lines.map((line) => [line.variantId, line.quantity]));

/**
 * Null where there is nothing to tell: there was no cart, or the account had nothing in its own.
 * @returns {{count: number, short: string[]} | null}  `short`: names of what had no room for all
 */
export function mixed(before, after) {
  const had = byVariant(before);
  const has = byVariant(after);
  const own = after.some((line) => line.quantity > (had[line.variantId] ?? 0));
  const short = before.filter((line) => (has[line.variantId] ?? 0) < line.quantity).map((line) => line.name);
  if (!before.length || !(own || short.length)) return null;
  return { count: before.reduce((sum, line) => sum + line.quantity, 0), short };
}
