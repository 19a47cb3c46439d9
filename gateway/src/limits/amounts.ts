import { isAbstractType, isCompositeType, isObjectType } from "graphql";
import type { GraphQLAbstractType, GraphQLNamedType, GraphQLSchema } from "graphql";

/** How many nodes a selection can return, and what it costs. */
export interface Amount {
  readonly nodes: number;
  readonly cost: number;
}

/** What a selection amounts to on one object. */
export interface ObjectAmount {
  /** Apart from the items of lists whose size the field says that returned the object. */
  readonly own: Amount;
  /** What one item of each of these lists amounts to, by the name of the list. */
  readonly items: ReadonlyMap<string, Amount>;
}

/** The types of objects to which a fragment applies, of those that the selection with the fragment can be made on. */
interface Applicability {
  /** Whether it applies to all of them. */
  readonly isAlways: boolean;
  readonly types: { has(type: string): boolean } & Iterable<string>;
}

/** The sums of a fragment bomb double with each fragment. They are capped here, where they are still exact integers in JSON. */
const ceiling = Number.MAX_SAFE_INTEGER;

export const sum = (a: number, b: number): number => Math.min(ceiling, a + b);
export const product = (a: number, b: number): number => Math.min(ceiling, a * b);

const none: Amount = { nodes: 0, cost: 0 };
const plus = (a: Amount, b: Amount): Amount => ({ nodes: sum(a.nodes, b.nodes), cost: sum(a.cost, b.cost) });
const nothing: ObjectAmount = { own: none, items: new Map() };

/** Returns what two selections on an object amount to together. */
function both(one: ObjectAmount, other: ObjectAmount): ObjectAmount {
  if (one === nothing) return other;
  const own = plus(one.own, other.own);
  if (other.items.size === 0) return { own, items: one.items };
  const items = new Map(one.items);
  for (const [list, amount] of other.items) items.set(list, plus(items.get(list) ?? none, amount));
  return { own, items };
}

/**
 * What a selection amounts to at most, on an object of any type on which it can be made. An object has one type. What fragments on several types add is
 * therefore kept apart by type, and the type with the largest sum counts: a screen that asks for a page of each type of object gets the page of one.
 *
 * The sums are kept by type of object, and not by fragment, so that fragments within fragments on interfaces and unions need no further rule. There are at most
 * as many as the schema has types in the widest interface, whatever the document contains.
 */
export class SelectionAmount {
  /** What applies to every type. */
  #always = nothing;
  /** What is added for some types. Most selections have no fragments. */
  #byType: Map<string, ObjectAmount> | undefined;

  add(amount: Amount): void {
    if (amount.nodes === 0 && amount.cost === 0) return;
    this.#always = both(this.#always, { own: amount, items: nothing.items });
  }

  /** Adds what one item of a list amounts to, whose size the field says that returned the object. */
  addItem(list: string, amount: Amount): void {
    if (amount.nodes === 0 && amount.cost === 0) return;
    this.#always = both(this.#always, { own: none, items: new Map([[list, amount]]) });
  }

  addFragment(fragment: SelectionAmount, { isAlways, types }: Applicability): void {
    if (isAlways) {
      this.#always = both(this.#always, fragment.#always);
      for (const [type, amount] of fragment.#byType ?? []) if (types.has(type)) this.#addTo(type, amount);
    } else {
      for (const type of types) this.#addTo(type, fragment.#on(type));
    }
  }

  /** Returns the largest amounts of all types, by what it amounts to on an object of one of them. */
  largest(amountOf: (object: ObjectAmount) => Amount): Amount {
    let { nodes, cost } = amountOf(this.#always);
    for (const type of this.#byType?.keys() ?? []) {
      const amount = amountOf(this.#on(type));
      nodes = Math.max(nodes, amount.nodes);
      cost = Math.max(cost, amount.cost);
    }
    return { nodes, cost };
  }

  #on(type: string): ObjectAmount {
    const more = this.#byType?.get(type);
    return more ? both(this.#always, more) : this.#always;
  }

  #addTo(type: string, amount: ObjectAmount): void {
    if (amount === nothing) return;
    this.#byType ??= new Map();
    this.#byType.set(type, both(this.#byType.get(type) ?? nothing, amount));
  }
}

/** Used for types that the schema does not have. Validation refuses them later. */
const toAny: Applicability = { isAlways: true, types: { has: () => true, [Symbol.iterator]: () => [][Symbol.iterator]() } };

const known = new WeakMap<GraphQLSchema, Map<string, Applicability>>();

/** Returns the types to which a fragment with a type condition applies, in a selection on a type. */
export function applicabilityOf(
  schema: GraphQLSchema,
  condition: GraphQLNamedType | undefined,
  parent: GraphQLNamedType | undefined,
): Applicability {
  if (!isCompositeType(condition) || !isCompositeType(parent)) return toAny;
  if (isObjectType(parent)) {
    const applies = condition === parent || (isAbstractType(condition) && schema.isSubType(condition, parent));
    return { isAlways: applies, types: new Set(applies ? [parent.name] : []) };
  }
  let bySchema = known.get(schema);
  if (!bySchema) known.set(schema, (bySchema = new Map<string, Applicability>()));
  const key = `${condition.name} ${parent.name}`;
  let found = bySchema.get(key);
  if (!found) bySchema.set(key, (found = amongTypes(schema, condition, parent)));
  return found;
}

function amongTypes(schema: GraphQLSchema, condition: GraphQLNamedType, parent: GraphQLAbstractType): Applicability {
  const possible = schema.getPossibleTypes(parent);
  const types = possible.filter((type) => type === condition || (isAbstractType(condition) && schema.isSubType(condition, type)));
  return { isAlways: types.length === possible.length, types: new Set(types.map(({ name }) => name)) };
}
