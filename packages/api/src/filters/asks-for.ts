import type { FilterValue } from "./filter-input.js";

/**
 * Returns whether a filter has a condition on this field, at any depth.
 * @param operator if given, only conditions with this operator count
 */
export function asksFor(field: string, filter: unknown, operator?: string): boolean {
  if (Array.isArray(filter)) return filter.some((side) => asksFor(field, side, operator));
  if (typeof filter !== "object" || filter === null) return false;
  const { and: all, or: any, not, [field]: condition } = filter as FilterValue;
  return (
    isGiven(operator === undefined ? condition : (condition as FilterValue | null | undefined)?.[operator]) ||
    [all, any, not].some((side) => asksFor(field, side, operator))
  );
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
