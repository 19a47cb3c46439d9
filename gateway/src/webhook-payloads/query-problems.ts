import { Forbidden, WeftError } from "@weft/shared/errors";
import { GraphQLError, Kind, OperationTypeNode, print, specifiedRules, validate } from "graphql";
import type { ASTVisitor, DocumentNode, GraphQLSchema, OperationDefinitionNode, ValidationContext } from "graphql";
import { validationFailed } from "../errors/validation-failed.js";
import { assertWithinLimits, parseWithinLimits } from "../limits/limits.js";
import type { Limits } from "../limits/limits.js";
import { payloadVariables } from "./variables.js";

/** Maximum number of characters of a query. */
export const MAX_QUERY_CHARS = 10_000;
const MAX_PROBLEMS = 5;

/**
 * Returns what is wrong with the query of a webhook, each with its line and column: syntax, limits, and whether the schema has its fields.
 * @param mayHint whether messages can contain names of the schema
 */
export function queryProblems(schema: GraphQLSchema, query: string, { limits, mayHint }: { limits: Limits; mayHint: boolean }): string[] {
  if (query.length > MAX_QUERY_CHARS) return [`The query has ${query.length} characters. The maximum is ${MAX_QUERY_CHARS}.`];
  try {
    const document = parseWithinLimits(query, limits);
    const shape = shapeProblem(document);
    if (shape !== null) return [shape];
    assertWithinLimits(schema, document, undefined, {}, limits);
    const errors = validate(schema, document, [...specifiedRules, noIntrospection], { maxErrors: MAX_PROBLEMS });
    return errors.slice(0, MAX_PROBLEMS).map((error) => located(validationFailed(error, mayHint)));
  } catch (error) {
    if (error instanceof GraphQLError) return [located(error)];
    if (error instanceof WeftError) return [error.message];
    throw error;
  }
}

/** A validation rule that refuses `__schema` and `__type` anywhere in the document, once. `__typename` is allowed. */
function noIntrospection(context: ValidationContext): ASTVisitor {
  let isReported = false;
  return {
    Field(node) {
      if (isReported || (node.name.value !== "__schema" && node.name.value !== "__type")) return;
      isReported = true;
      const message = "The query of a webhook cannot contain introspection.";
      context.reportError(new GraphQLError(message, { nodes: [node], originalError: new Forbidden(message) }));
    },
  };
}

/** One query, with no variables but those that Weft sets. */
function shapeProblem({ definitions }: DocumentNode): string | null {
  const [operation, ...others] = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (!operation || others.length > 0) return "The document must contain exactly one operation.";
  if (operation.operation !== OperationTypeNode.QUERY) return `The operation must be a query, not a ${operation.operation}.`;
  return variableProblem(operation);
}

function variableProblem({ variableDefinitions = [] }: OperationDefinitionNode): string | null {
  for (const { variable, type, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    const given = Object.hasOwn(payloadVariables, name) ? payloadVariables[name] : undefined;
    const declared = print(type).replace("!", "");
    if (given !== undefined && declared !== given) return `The variable $${name} has the type ${given}, not ${declared}.`;
    // Optional variables of other names are null, or have their default values.
    if (given === undefined && defaultValue === undefined && type.kind === Kind.NON_NULL_TYPE)
      return `Nothing sets the variable $${name}. Use ${names}, or a default value.`;
  }
  return null;
}

const names = Object.keys(payloadVariables)
  .map((name) => `$${name}`)
  .join(", ");

function located({ message, locations }: GraphQLError): string {
  const [place] = locations ?? [];
  return place ? `Line ${place.line}, column ${place.column}: ${message}` : message;
}
