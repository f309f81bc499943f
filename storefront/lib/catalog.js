/** Products: the list that the address asks for, and one product. */
import { get } from "./api.js";
import { resource } from "./resource.js";

export const SORTS = ["default", "price", "-price", "newest", "name"];
const PAGE_SIZE = 24;

/**
 * The API's question for an address of the list page. What the address says wrongly is left out:
 * a mistyped link shows the shop, not an error.
 */
export function listQuery(params) {
  const query = new URLSearchParams({ pageSize: PAGE_SIZE });
  const page = Number(params.get("page"));
  if (Number.isInteger(page) && page > 1) query.set("page", page);
  if (SORTS.includes(params.get("sort"))) query.set("sort", params.get("sort"));
  for (const name of ["categoryId", "brand"]) if (params.get(name)) query.set(name, params.get(name));
  for (const name of ["inStock", "isNew"]) if (params.get(name) === "true") query.set(name, "true");
  return query;
}

const listed = resource((signal, query) => get(`/api/products?${query}`, { signal }));
export const list = listed.state;
export const askList = listed.ask;

const shown = resource((signal, slug) =>
  get(`/api/products/${encodeURIComponent(slug)}`, { signal }));
export const product = shown.state;
export const askProduct = shown.ask;
