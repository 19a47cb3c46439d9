import type { FilterValue } from "./filter-input.js";

/** A name that a filter asks for, and the path at which it does. */
export interface AskedName {
  readonly name: string;
  readonly path: string;
  /** The condition that contains the name. */
  readonly condition: FilterValue;
}

/**
 * Returns the names in the conditions of a list field such as `data: [{ field: "amount", eq: 5 }]`, at any depth of a filter.
 * @param at the list field and the key of the name in its conditions
 */
export function askedNames(
  filter: FilterValue | null | undefined,
  at: { readonly list: string; readonly key: string },
  path: string,
): readonly AskedName[] {
  if (!filter) return [];
  const { and: all, or: any, not, [at.list]: conditions } = filter;
  const within = (sides: unknown, name: string): readonly AskedName[] =>
    ((sides ?? []) as readonly FilterValue[]).flatMap((side, index) => askedNames(side, at, `${path}.${name}.${index}`));
  return [
    ...((conditions ?? []) as readonly FilterValue[]).map((condition, index) => ({
      name: String(condition[at.key]),
      path: `${path}.${at.list}.${index}.${at.key}`,
      condition,
    })),
    ...within(all, "and"),
    ...within(any, "or"),
    ...askedNames(not as FilterValue | null | undefined, at, `${path}.not`),
  ];
}
