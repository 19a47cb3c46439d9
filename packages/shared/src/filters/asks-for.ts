import type { FilterValue } from "./filter-input.js";

/** Returns whether a filter has a condition on this field, at any depth. */
export function asksFor(field: string, filter: unknown): boolean {
  if (Array.isArray(filter)) return filter.some((side) => asksFor(field, side));
  if (typeof filter !== "object" || filter === null) return false;
  const { and: all, or: any, not, [field]: condition } = filter as FilterValue;
  return (condition !== undefined && condition !== null) || [all, any, not].some((side) => asksFor(field, side));
}
