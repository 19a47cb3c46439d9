/** What becomes of an instance's data, value by value. */
import { canonicalText, isObject, jsonEqual } from "../schema/json.js";

export const DATA_CHANGE_KINDS = ["ADDED", "CHANGED", "MOVED", "REMOVED"] as const;

export type DataChange = {
  readonly kind: (typeof DATA_CHANGE_KINDS)[number];
  /** `data.site.door`: where the value stood; of an added one, where it stands. Lists are values as a whole. */
  readonly path: string;
  /** Of a moved one: where it stands now. */
  readonly to: string | null;
  /** Whether the value that stood there stands nowhere any more. */
  readonly isLost: boolean;
};

type Values = Readonly<Record<string, unknown>>;
type Leaf = readonly [path: string, value: unknown];

/** Every value that is another one, or stands elsewhere, afterwards: those that are lost first, then by path. */
export function changesOfData(before: Values, after: Values): DataChange[] {
  const gone: Leaf[] = [];
  const added: Leaf[] = [];
  const changed: (readonly [path: string, before: unknown, after: unknown])[] = [];
  compare(before, after, "data");

  // A value is found again where the same one is new, each place once.
  const places = Map.groupBy([...added, ...changed.map(([path, , value]): Leaf => [path, value])], ([, value]) => canonicalText(value));
  const placeOf = (value: unknown): string | null => places.get(canonicalText(value))?.shift()?.[0] ?? null;
  const left = [...gone, ...changed.map(([path, value]): Leaf => [path, value])].map(([path, value]): readonly [string, string | null] => [
    path,
    // What says nothing is not lost.
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
        // Of an object its members are looked at, also where it came or went as a whole, or another value took its place.
        if (was !== undefined && !isObject(was)) gone.push([path, was]);
        if (is !== undefined && !isObject(is)) added.push([path, is]);
        compare(isObject(was) ? was : {}, isObject(is) ? is : {}, path);
      } else if (was === undefined) added.push([path, is]);
      else if (is === undefined) gone.push([path, was]);
      else changed.push([path, was, is]);
    }
  }
}
