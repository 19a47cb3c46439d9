import { matches, valuesNamedBy } from "../filter/match.js";
import type { Filter } from "../filter/filter.js";
import { longestList } from "./read-resource.js";
import { ScimRefusal } from "./scim-refusal.js";

/** A value of an attribute with several values, such as a member or an email address. */
export type Item = Readonly<Record<string, unknown>>;

/** Comparisons with values in a request. Reached within some tens of milliseconds, in which nobody else is served. */
const maxComparisons = 1_000_000;
/** A change takes as long as this number of comparisons. */
const changeCost = 20;

/** Limits what a PATCH costs, which runs in a transaction that others wait for. */
export class Budget {
  #left = maxComparisons;

  /** @throws ScimRefusal (tooMany) */
  spend(comparisons: number): void {
    this.#left -= comparisons;
    if (this.#left < 0)
      throw new ScimRefusal(
        400,
        'The operations compare too many values. Name values in paths, such as members[value eq "…"], or send fewer operations.',
        "tooMany",
      );
  }
}

/** The values of an attribute during a PATCH, in their order. Adding, finding and removing a value takes the same time, however many there are. */
export class ValueList {
  readonly #items = new Map<number, Item>();
  readonly #ids = new Map<string, Set<number>>();
  readonly #budget: Budget;
  #next = 0;
  #added = 0;

  constructor(items: readonly Item[], budget: Budget) {
    this.#budget = budget;
    for (const item of items) this.#insert(item);
  }

  get size(): number {
    return this.#items.size;
  }

  items(): Item[] {
    return [...this.#items.values()];
  }

  has(item: Item): boolean {
    return this.#ids.has(keyOf(item));
  }

  /** Adds a value at the end. @throws ScimRefusal (tooMany) if the request adds too many of them */
  add(item: Item): void {
    if (++this.#added > longestList)
      throw new ScimRefusal(400, `The operations add more than ${longestList} values. Send fewer in a request.`, "tooMany");
    this.#insert(item);
  }

  /** Removes the values that are equal to one. */
  remove(item: Item): void {
    for (const id of this.#ids.get(keyOf(item)) ?? []) this.#items.delete(id);
    this.#ids.delete(keyOf(item));
  }

  clear(): void {
    this.#items.clear();
    this.#ids.clear();
  }

  /**
   * Replaces values by what `change` returns, or removes them if it returns null. Returns whether there were any.
   * @param filter which values. Null: all
   * @throws ScimRefusal (tooMany)
   */
  change(filter: Filter | null, change: (item: Item) => Item | null): boolean {
    const found = this.#find(filter);
    this.#budget.spend(found.length * changeCost);
    for (const [id, item] of found) {
      const after = change(item);
      if (after === null || keyOf(after) !== keyOf(item)) this.#unindex(id, item);
      if (after === null) this.#items.delete(id);
      else this.#put(id, after);
    }
    return found.length > 0;
  }

  #unindex(id: number, item: Item): void {
    const ids = this.#ids.get(keyOf(item));
    ids?.delete(id);
    if (ids?.size === 0) this.#ids.delete(keyOf(item));
  }

  #find(filter: Filter | null): readonly (readonly [number, Item])[] {
    const named = filter && valuesNamedBy(filter);
    if (named !== null) {
      const ids = new Set(named.flatMap((value) => [...(this.#ids.get(value.toLowerCase()) ?? [])]));
      return [...ids].map((id) => [id, this.#items.get(id) ?? {}] as const);
    }
    this.#budget.spend(this.#items.size * (filter === null ? 1 : conditionsOf(filter)));
    const all = [...this.#items];
    return filter === null ? all : all.filter(([, item]) => matches(filter, item));
  }

  #insert(item: Item): void {
    this.#put(this.#next++, item);
  }

  #put(id: number, item: Item): void {
    this.#items.set(id, item);
    const key = keyOf(item);
    const ids = this.#ids.get(key);
    if (ids) ids.add(id);
    else this.#ids.set(key, new Set([id]));
  }
}

/** Values without a value are equal: texts that are read are never empty. */
const keyOf = ({ value }: Item): string => (typeof value === "string" ? value.toLowerCase() : "");

/** Returns the number of comparisons that a condition takes. */
function conditionsOf(filter: Filter): number {
  if (filter.op === "and" || filter.op === "or") return conditionsOf(filter.left) + conditionsOf(filter.right);
  return filter.op === "not" ? conditionsOf(filter.filter) : 1;
}
