/** Buying the same things once more, in a new cart. */
import { add } from "./cart-change.js";
import { forget } from "./cart.js";

/**
 * @param {{variantId: string, name: string, quantity: number}[]} lines
 * @returns {Promise<string[]>} names of what the shop cannot give any more
 */
export async function buyAgain(lines) {
  forget();
  const missing = [];
  for (const line of lines) {
    try {
      await add(line.variantId, line.quantity);
    } catch (error) {
      if (!error.status || error.status >= 500) throw error;
      if (!(await addWhatIsLeft(line.variantId, error))) missing.push(line.name);
    }
  }
  return missing;
}

/** A shortage names what is left; less than before is better than nothing. */
async function addWhatIsLeft(variantId, error) {
  const left = error.errors.find((entry) => entry.available > 0)?.available;
  return Boolean(left) && add(variantId, left).then(() => true, () => false);
}
