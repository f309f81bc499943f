/** Where a category stands in the tree. Pure. */

/** A category with all above it, outermost first; empty where it is not known. */
export function trailOf(categories = [], id) {
  const found = categories.find((one) => one.id === id);
  return found ? [...trailOf(categories, found.parentId), found] : [];
}
