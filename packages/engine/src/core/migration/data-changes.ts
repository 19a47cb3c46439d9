/** Reports what happens to the data of an instance, value by value. */
import { canonicalText, isObject, jsonEqual } from "../model/values.js";

export const DATA_CHANGE_KINDS = ["ADDED", "CHANGED", "MOVED", "REMOVED"] as const;

export type DataChange = {
  readonly kind: (typeof DATA_CHANGE_KINDS)[number];
  /** `data.site.door`: where the value was; for an added value, where it is. Lists are values as a whole. */
  readonly path: string;
  /** For a moved value: where it is now. */
  readonly to: string | null;
  /** Whether the previous value no longer exists anywhere. */
  readonly isLost: boolean;
};

type Values = Readonly<Record<string, unknown>>;
type Leaf = readonly [path: string, value: unknown];

/** Returns every value that differs, or has another place, afterwards: lost values first, then by path. */
export function changesOfData(before: Values, after: Values): DataChange[] {
  const gone: Leaf[] = [];
  const added: Leaf[] = [];
  const changed: (readonly [path: string, before: unknown, after: unknown])[] = [];
  compare(before, after, "data");

  // A value counts as moved if the same value is new elsewhere. Each place is used once.
  const places = Map.groupBy([...added, ...changed.map(([path, , value]): Leaf => [path, value])], ([, value]) => canonicalText(value));
  const placeOf = (value: unknown): string | null => places.get(canonicalText(value))?.shift()?.[0] ?? null;
  const left = [...gone, ...changed.map(([path, value]): Leaf => [path, value])].map(([path, value]): readonly [string, string | null] => [
    path,
    // An empty value is not lost.
    value === null ? path : placeOf(value),
  ]);
  const toOf = new Map(left);
  const taken = new Set(left.flatMap(([path, to]) => (to === null || to === path ? [] : [to])));
  const ends = (path: string) => ({ path, to: null, isLost: toOf.get(path) === null });
  const changes: DataChange[] = [
    ...gone.map(([path]): DataChange => {
      const to = toOf.get(path) ?? null;
      return to === null || to === path ? { kind: "REMOVED", ...ends(path) } : { kind: "MOVED", path, to, isLost: false };
    }),
    ...changed.map(([path]): DataChange => ({ kind: "CHANGED", ...ends(path) })),
    ...added.filter(([path]) => !taken.has(path)).map(([path]): DataChange => ({ kind: "ADDED", path, to: null, isLost: false })),
  ];
  return changes.toSorted((one, other) => Number(other.isLost) - Number(one.isLost) || (one.path < other.path ? -1 : 1));

  function compare(one: Values, other: Values, at: string): void {
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const path = `${at}.${name}`;
      const [was, is] = [Object.hasOwn(one, name) ? one[name] : undefined, Object.hasOwn(other, name) ? other[name] : undefined];
      if (was !== undefined && is !== undefined && jsonEqual(was, is)) continue;
      if (isObject(was) || isObject(is)) {
        // Objects are compared by member, even if they were added or removed as a whole, or replaced by another value.
        if (was !== undefined && !isObject(was)) gone.push([path, was]);
        if (is !== undefined && !isObject(is)) added.push([path, is]);
        compare(isObject(was) ? was : {}, isObject(is) ? is : {}, path);
      } else if (was === undefined) added.push([path, is]);
      else if (is === undefined) gone.push([path, was]);
      else changed.push([path, was, is]);
    }
  }
}
