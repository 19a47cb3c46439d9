import { type DocumentNode, getVariableValues, GraphQLError, Kind, type OperationDefinitionNode, visit } from "graphql";
import type { OperationContext } from "../../context.js";
import type { CallSubgraph, Execution } from "./execution.js";
import type { Json, JsonObject } from "./json.js";
import { compileNode } from "./nodes.js";
import { type PlannedOperation, type QueryPlan, type RequestContext, Unsupported } from "./plan.js";
import type { Scope } from "./selections.js";
import { Shape } from "./shape.js";

type Conditions = Scope["conditions"];

/** Each combination of values of the variables in `@skip` and `@include` has a shape of its own. */
const maxConditionVariables = 4;

export interface OperationResponse {
  readonly data?: JsonObject | null;
  readonly errors?: readonly GraphQLError[];
}

/**
 * Executes an operation with the variables of a request. Returns undefined, before any call, if only Apollo's executor can execute it with these
 * variables.
 */
export type CompiledOperation = (request: RequestContext, callSubgraph: CallSubgraph) => Promise<OperationResponse | undefined>;

/**
 * Compiles the plan of an operation and the shape of its response. It does what Apollo Gateway's executor does, without looking at the plan and the
 * operation again in each execution. Throws Unsupported if Apollo's executor has to execute the operation, for example because of its response names.
 */
export function compileOperation(
  plan: QueryPlan,
  { operation, fragments, schema }: PlannedOperation,
  document: DocumentNode,
): CompiledOperation {
  assertPlainNames(document);
  const { node } = plan;
  if (!node || node.kind === "Subscription") throw new Unsupported(node?.kind ?? "an empty plan");
  const run = compileNode(node, schema);
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Unsupported(operation.operation);
  const shapes = new Map<string, Shape>();
  const shapeFor = (conditions: Conditions): Shape => {
    const key = Object.values(conditions).join();
    const known = shapes.get(key);
    if (known) return known;
    const made = new Shape([operation.selectionSet.selections], root, { schema, fragments, conditions });
    shapes.set(key, made);
    return made;
  };
  const definitions = operation.variableDefinitions ?? [];
  const conditionsOf = conditionReader(operation, document);

  return async ({ request, context }, callSubgraph) => {
    // Without a prototype, because a variable can be called `constructor`.
    const variables = Object.assign(Object.create(null) as Record<string, Json>, request.variables);
    const { errors: refused } = getVariableValues(schema, definitions, variables);
    if (refused) return { errors: refused };
    const conditions = conditionsOf(variables);
    if (!conditions) return undefined;
    const execution: Execution = {
      callSubgraph,
      context: context as OperationContext,
      variables,
      conditions,
      data: {},
      errors: [],
    };
    await run(execution);
    const errors = execution.errors as GraphQLError[];
    const data = complete(shapeFor(conditions), execution.data);
    if (data instanceof GraphQLError) return { errors: [data] };
    return errors.length === 0 ? { data } : { errors, data };
  };
}

function complete(shape: Shape, data: JsonObject): JsonObject | null | GraphQLError {
  try {
    return shape.complete(data);
  } catch (error) {
    return new GraphQLError(error instanceof Error ? error.message : String(error), error instanceof Error ? { originalError: error } : {});
  }
}

/** Responses are merged into plain objects, so no response name may be a property that every object has. Introspection needs the schema itself. */
function assertPlainNames(document: DocumentNode): void {
  visit(document, {
    Field: ({ alias, name }) => {
      const responseName = alias?.value ?? name.value;
      if (responseName in Object.prototype) throw new Unsupported(`the response name ${responseName}`);
      if (name.value === "__schema" || name.value === "__type") throw new Unsupported("introspection");
    },
  });
}

/**
 * Returns a function that reads the variables of `@skip` and `@include` from the variables of a request. It returns undefined if one of them is null,
 * which validation accepts for a variable with a default.
 */
function conditionReader(
  operation: OperationDefinitionNode,
  document: DocumentNode,
): (variables: Readonly<Record<string, Json>>) => Conditions | undefined {
  const names = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: given = [] }) => {
      if (name.value !== "skip" && name.value !== "include") return;
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  const defaults = new Map<string, boolean>();
  for (const { variable, defaultValue } of operation.variableDefinitions ?? [])
    if (defaultValue?.kind === Kind.BOOLEAN) defaults.set(variable.name.value, defaultValue.value);
  if (names.size === 0) return () => ({});
  if (names.size > maxConditionVariables) throw new Unsupported("many conditions");
  return (variables) => {
    const conditions: Record<string, boolean> = {};
    for (const name of names) {
      const value = variables[name] === undefined ? defaults.get(name) : variables[name];
      if (value === null) return undefined;
      if (typeof value === "boolean") conditions[name] = value;
    }
    return conditions;
  };
}
