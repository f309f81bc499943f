/** Which variant a set of choices means, and what the other choices would lead to. Pure. */

/** The variant with exactly these specs, or undefined where it is not made. */
export const variantOf = (product, specs) =>
  product.variants.find((one) =>
    product.options.every((option) => one.specs[option.name] === specs[option.name]));

/** What to show first: the variant of the address, else the first that can be bought. */
export function firstSpecs(product, variantId) {
  const asked = product.variants.find((one) => one.id === variantId);
  const free = product.variants.find((one) => !one.stock.soldOut);
  return (asked ?? free ?? product.variants[0])?.specs ?? {};
}

/** Option values come as names, or with the colour of their swatch. */
const named = (value) => (typeof value === "string" ? { name: value } : value);

/** `free`, `soldOut`, or `impossible` where no such variant is made, given the other choices. */
function stateOf(product, specs, option, value) {
  const variant = variantOf(product, { ...specs, [option.name]: value });
  if (!variant) return "impossible";
  return variant.stock.soldOut ? "soldOut" : "free";
}

/** The values of an option as choices, with a picture where the option decides the picture. */
export function valuesOf(product, specs, option) {
  const pictureOf = (value) =>
    product.variants.find((one) => one.specs[option.name] === value && one.image)?.image ?? null;
  const values = option.values.map(named);
  const pictures = new Set(values.map((value) => pictureOf(value.name)?.url));
  return values.map((value) => ({
    ...value,
    image: pictures.size === values.length && values.length > 1 ? pictureOf(value.name) : null,
    state: stateOf(product, specs, option, value.name),
  }));
}

/** The picture of the gallery that shows a variant; 0 where none does. */
export function pictureIndex(product, variant) {
  const index = product.images.findIndex((image) => image.url === variant?.image?.url);
  return Math.max(0, index);
}
