import type { GraphQLSchema } from "graphql";
import type { Execution } from "./execution.js";
import { failuresOf } from "./failures.js";
import { isJsonObject, type Json, type JsonObject } from "./json.js";
import { merge } from "./merge.js";
import { type FetchNode, Unsupported } from "./plan.js";
import { compileRepresentation, keyOfRepresentation, type ReadRepresentation } from "./representations.js";

/** Calls a subgraph for the given objects and merges its response into them. Failures become errors of the operation. */
export type RunFetch = (execution: Execution, objects: readonly JsonObject[]) => Promise<void>;

/** @param path the fields from the root to the objects; `@` stands for every item of a list */
export function compileFetch(node: FetchNode, path: readonly string[], schema: GraphQLSchema): RunFetch {
  const { serviceName, operation, operationName, variableUsages = [], requires } = node;
  if (node.inputRewrites?.length || node.outputRewrites?.length || node.contextRewrites?.length) throw new Unsupported("rewrites");
  if (requires && variableUsages.includes("representations")) throw new Unsupported("a variable called representations");

  const variablesOf = ({ variables }: Execution): Record<string, unknown> => {
    const used = Object.create(null) as Record<string, unknown>;
    for (const name of variableUsages) if (variables[name] !== undefined) used[name] = variables[name];
    return used;
  };
  const call: Call = async (execution, variables, indexes) => {
    const request = { query: operation, variables, ...(operationName !== undefined && { operationName }), context: execution.context };
    const { data, errors } = await execution.callSubgraph(serviceName, request);
    if (errors) execution.errors.push(...failuresOf(errors, { service: serviceName, path, data: execution.data, indexes }));
    return data as JsonObject | null | undefined;
  };
  const fetchOnce = async (execution: Execution, objects: readonly JsonObject[]): Promise<void> => {
    const data = await call(execution, variablesOf(execution));
    if (data) for (const object of objects) merge(object, data);
  };
  const run = requires ? entityFetch(compileRepresentation(requires, schema), call, variablesOf) : fetchOnce;
  return async (execution, objects) => {
    if (objects.length === 0) return;
    try {
      await run(execution, objects);
    } catch (error) {
      execution.errors.push(error);
    }
  };
}

/**
 * Calls the subgraph and returns its data.
 *
 * @param indexes for each representation that is sent, the objects with this representation; only for entities
 */
type Call = (
  execution: Execution,
  variables: Record<string, unknown>,
  indexes?: readonly (readonly number[])[],
) => Promise<JsonObject | null | undefined>;

/** Objects with equal representations are sent once, for example the same user in many places. */
function entityFetch(read: ReadRepresentation, call: Call, variablesOf: (execution: Execution) => Record<string, unknown>): RunFetch {
  return async (execution, objects) => {
    const representations: JsonObject[] = [];
    const represented: JsonObject[][] = [];
    const indexes: number[][] = [];
    const known = new Map<string, number>();
    let index = 0;
    for (const object of objects) {
      const representation = read(object);
      if (!representation?.["__typename"]) continue;
      const key = keyOfRepresentation(representation);
      const place = known.get(key);
      if (place === undefined) {
        known.set(key, representations.push(representation) - 1);
        represented.push([object]);
        indexes.push([index++]);
      } else {
        represented[place]?.push(object);
        indexes[place]?.push(index++);
      }
    }
    if (representations.length === 0) return;
    const data = await call(execution, { ...variablesOf(execution), representations }, indexes);
    if (!data) return;
    const entities = data["_entities"];
    if (!Array.isArray(entities)) throw new Error(`Expected "data._entities" in response to be an array`);
    if (entities.length !== representations.length)
      throw new Error(`Expected "data._entities" to contain ${representations.length} elements`);
    for (const [place, entity] of (entities as readonly Json[]).entries())
      if (isJsonObject(entity)) for (const object of represented[place] ?? []) merge(object, entity);
  };
}
