import { getNamedType, getNullableType, isCompositeType, isListType, isObjectType } from "graphql";
import type { GraphQLField, GraphQLNamedType, GraphQLSchema } from "graphql";

/** Costs that fields declare, by coordinate (`Query.search`). A field without one costs what its type costs. */
export type DeclaredCosts = ReadonlyMap<string, number>;

const MUTATION_COST = 10;
const OBJECT_COST = 1;
/** Size of a list without pages, which nobody knows before it is read. */
const ASSUMED_SIZE = 10;

const declared = new WeakMap<GraphQLSchema, DeclaredCosts>();

/** Sets what the fields of a schema cost. Call it before the first operation is measured. */
export const declareCosts = (schema: GraphQLSchema, costs: DeclaredCosts): void => void declared.set(schema, costs);

/** Sets that the fields of a part of a schema cost the same as there. */
export function declareSameCosts(part: GraphQLSchema, whole: GraphQLSchema): void {
  const costs = declared.get(whole);
  if (costs) declared.set(part, costs);
}

interface MeasuredField {
  readonly parent: GraphQLNamedType;
  readonly definition: GraphQLField<unknown, unknown>;
  /** Page size. Undefined for a field without pages. */
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
  const given = declared.get(schema)?.get(`${parent.name}.${definition.name}`);
  const own = given ?? (parent === schema.getMutationType() ? MUTATION_COST : 0);
  if (!isCompositeType(type)) return own;
  if (isConnection(type)) return atMost(own + below.cost + (size ?? 0) * below.itemCost);
  const isItemOfPage = isConnection(parent);
  const each = atMost((given === undefined && !isStructural(type) ? OBJECT_COST : 0) + below.cost + below.itemCost);
  const items = size ?? (isListType(getNullableType(definition.type)) && !isItemOfPage ? ASSUMED_SIZE : 1);
  return atMost(own + items * each);
}

const atMost = (cost: number): number => Math.min(Number.MAX_SAFE_INTEGER, cost);

/** Whether a type is a page of items. */
export const isConnection = (type: GraphQLNamedType): boolean => isObjectType(type) && type.name.endsWith("Connection");

const isStructural = ({ name }: GraphQLNamedType): boolean => name === "PageInfo" || name.endsWith("Edge") || name.endsWith("Payload");
