import { getNamedType, getNullableType, isCompositeType, isListType, isObjectType } from "graphql";
import type { ListSize } from "@weft/api/cost";
import type { GraphQLField, GraphQLNamedType, GraphQLSchema } from "graphql";

/** What fields declare of their cost, by coordinate (`Query.search`). */
export interface DeclaredCosts {
  /** A field without one costs what its type costs. */
  readonly weights: ReadonlyMap<string, number>;
  /** How many items fields return. */
  readonly sizes: ReadonlyMap<string, ListSize>;
}

const MUTATION_COST = 10;
const OBJECT_COST = 1;
/** Size of a list without pages, which nobody knows before it is read. */
const ASSUMED_SIZE = 10;

/** The same, and the lists whose size is that of the field which returns their object. */
interface Known extends DeclaredCosts {
  readonly sizedFields: ReadonlySet<string>;
}

const declared = new WeakMap<GraphQLSchema, Known>();

/** Sets what the fields of a schema cost. Call it before the first operation is measured. */
export function declareCosts(schema: GraphQLSchema, costs: DeclaredCosts): void {
  const sizedFields = [...costs.sizes].flatMap(([coordinate, { fields = [] }]) => {
    const [type = "", field = ""] = coordinate.split(".");
    const parent = schema.getType(type);
    const definition = isObjectType(parent) ? parent.getFields()[field] : undefined;
    return definition ? fields.map((name) => `${getNamedType(definition.type).name}.${name}`) : [];
  });
  declared.set(schema, { ...costs, sizedFields: new Set(sizedFields) });
}

/** Sets that the fields of a part of a schema cost the same as there. */
export function declareSameCosts(part: GraphQLSchema, whole: GraphQLSchema): void {
  const costs = declared.get(whole);
  if (costs) declared.set(part, costs);
}

/** Returns how many items a field declares to return. */
export const declaredSize = (schema: GraphQLSchema, parent: GraphQLNamedType, field: string): ListSize | undefined =>
  declared.get(schema)?.sizes.get(`${parent.name}.${field}`);

/** Whether what is selected below a field counts as often as the field that returned its parent says: items of pages, and sized lists. */
export const isSizedByParent = (schema: GraphQLSchema, parent: GraphQLNamedType, field: string): boolean =>
  isConnection(parent)
    ? field === "edges" || field === "nodes"
    : (declared.get(schema)?.sizedFields.has(`${parent.name}.${field}`) ?? false);

interface MeasuredField {
  readonly parent: GraphQLNamedType;
  readonly definition: GraphQLField<unknown, unknown>;
  /** Number of items. Undefined if nothing says it. */
  readonly size: number | undefined;
  /** Cost of the selections below. */
  readonly below: { readonly cost: number; readonly itemCost: number };
}

/**
 * Returns what a field costs with what is selected below it, by the cost specification (https://ibm.github.io/graphql-specs/cost-spec.html): an object costs 1
 * and a value nothing, for each item of a list; a mutation costs 10 more. Connections, edges and information about pages are no objects of their own.
 */
export function fieldCost(schema: GraphQLSchema, { parent, definition, size, below }: MeasuredField): number {
  const type = getNamedType(definition.type);
  const given = declared.get(schema)?.weights.get(`${parent.name}.${definition.name}`);
  const own = given ?? (parent === schema.getMutationType() ? MUTATION_COST : 0);
  if (!isCompositeType(type)) return own;
  if (isConnection(type)) return atMost(own + below.cost + (size ?? 0) * below.itemCost);
  const object = given === undefined && !isStructural(type) ? OBJECT_COST : 0;
  if (!isListType(getNullableType(definition.type))) return atMost(own + object + below.cost + (size ?? ASSUMED_SIZE) * below.itemCost);
  const items = isSizedByParent(schema, parent, definition.name) ? 1 : (size ?? ASSUMED_SIZE);
  return atMost(own + items * (object + below.cost + ASSUMED_SIZE * below.itemCost));
}

const atMost = (cost: number): number => Math.min(Number.MAX_SAFE_INTEGER, cost);

/** Whether a type is a page of items. */
export const isConnection = (type: GraphQLNamedType): boolean => isObjectType(type) && type.name.endsWith("Connection");

const isStructural = ({ name }: GraphQLNamedType): boolean => name === "PageInfo" || name.endsWith("Edge") || name.endsWith("Payload");
