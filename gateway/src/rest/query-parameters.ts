import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  GraphQLBoolean,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
} from "graphql";
import { includeTotal, isHeader, type RestOperation } from "./operation.js";

/** A parameter of a query string. */
export interface QueryParameter {
  /** `state`, `createdAt.gte`, `orderBy`, … */
  readonly name: string;
  /**
   * `value`: one value. `values`: any number of them. `equals`: of a filter, one value or one of several. `order`: the field to sort by, with `-` before
   * it for the reverse order. `json`: a text in JSON.
   */
  readonly kind: "value" | "values" | "equals" | "order" | "json";
  /** Type of one value; of `order`, the enum of the fields. */
  readonly type: GraphQLNamedType;
  /** Where the value goes: the name of the variable, and of the fields below it. */
  readonly path: readonly string[];
  readonly description: string;
  readonly isRequired: boolean;
}

/** A parsed query string. A parameter that occurs more than once has a list of values. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

type Argument = GraphQLArgument | GraphQLInputField;

/** Returns the parameters of an operation's query string, by name: every argument that is neither in the path nor a header. */
export function queryParametersOf(operation: RestOperation): ReadonlyMap<string, QueryParameter> {
  const { pathParameters, result, field } = operation;
  const own = new Set(field.args.map(({ name }) => name));
  const parameters = [...operation.arguments.values()]
    .filter(({ name }) => !pathParameters.includes(name) && !isHeader(name))
    .flatMap((argument) =>
      parametersOf(argument, !operation.takesInput || own.has(argument.name) ? [argument.name] : ["input", argument.name]),
    );
  if (result.kind === "page" && result.hasTotal) {
    const description = "Whether to count all items, as `totalCount`.";
    parameters.push({ name: includeTotal, kind: "value", type: GraphQLBoolean, path: [includeTotal], description, isRequired: false });
  }
  return new Map(parameters.map((one) => [one.name, one]));
}

function parametersOf(argument: Argument, path: readonly string[]): QueryParameter[] {
  const type = getNamedType(argument.type);
  const given = {
    name: argument.name,
    path,
    type,
    description: argument.description ?? "",
    isRequired: isRequiredArgument(argument),
  };
  if (argument.name === "filter" && isInputObjectType(type))
    return [...filterParameters(type.getFields(), path), { ...given, kind: "json" }];
  if (argument.name === "orderBy" && isInputObjectType(type)) {
    const fields = getNamedType(type.getFields()["field"]?.type);
    if (isEnumType(fields)) return [{ ...given, kind: "order", type: fields }];
  }
  if (isInputObjectType(type) || type.name === "JSON") return [{ ...given, kind: "json" }];
  return [{ ...given, kind: isList(argument.type) ? "values" : "value" }];
}

/**
 * Returns the parameters of a filter: `state` for the operators `eq` and `in`, `createdAt.gte` for any other one. What combines conditions can only be
 * sent as JSON.
 */
function filterParameters(fields: Readonly<Record<string, GraphQLInputField>>, path: readonly string[]): QueryParameter[] {
  return Object.values(fields).flatMap((field): QueryParameter[] => {
    const type = getNamedType(field.type);
    const at = [...path, field.name];
    const description = field.description ?? "";
    const given = { description, isRequired: false };
    if (!isInputObjectType(type)) return [{ ...given, name: field.name, kind: isList(field.type) ? "values" : "value", type, path: at }];
    if (isList(field.type)) return [];
    const operators = Object.values(type.getFields());
    // A filter of filters.
    if (operators.some((operator) => isInputObjectType(getNamedType(operator.type)))) return [];
    const only = operators.length === 1 ? operators[0] : undefined;
    const hasIn = operators.some(({ name }) => name === "in");
    return operators.flatMap((operator): QueryParameter[] => {
      const one = { ...given, type: getNamedType(operator.type), path: [...at, operator.name] };
      if (operator.name === "eq") return [{ ...one, name: field.name, ...(hasIn ? { kind: "equals", path: at } : { kind: "value" }) }];
      if (operator.name === "in") return [];
      return [{ ...one, name: only ? field.name : `${field.name}.${operator.name}`, kind: isList(operator.type) ? "values" : "value" }];
    });
  });
}

const isList = (type: GraphQLInputType): boolean => isListType(getNullableType(type));

/**
 * Returns the variables that a query string stands for.
 * @throws BadUserInput that names each parameter that is unknown, or whose value has the wrong form
 */
export function readQuery(parameters: ReadonlyMap<string, QueryParameter>, query: Query): Record<string, unknown> {
  const problems: Problem[] = [];
  const variables: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(query)) {
    const parameter = parameters.get(name);
    if (parameter === undefined) {
      problems.push({ path: name, message: `There is no parameter ${quote(name)} here.` });
      continue;
    }
    try {
      merge(variables, parameter.path, valueOf(parameter, typeof given === "string" ? [given] : given));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      problems.push({ path: name, message: error.message });
    }
  }
  if (problems.length > 0) throw new BadUserInput(problems);
  return variables;
}

class Malformed extends Error {}

function valueOf({ kind, type }: QueryParameter, texts: readonly string[]): unknown {
  const [first = ""] = texts;
  if (kind === "values") return texts.map((text) => scalarOf(type, text));
  if (kind === "equals") return texts.length === 1 ? { eq: scalarOf(type, first) } : { in: texts.map((text) => scalarOf(type, text)) };
  if (texts.length > 1) throw new Malformed("This parameter can occur only once.");
  if (kind === "json") return jsonOf(first);
  if (kind === "order") return { field: scalarOf(type, first.replace(/^-/, "")), direction: first.startsWith("-") ? "DESC" : "ASC" };
  return scalarOf(type, first);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Malformed("The value is not valid JSON.");
  }
}

function scalarOf(type: GraphQLNamedType, text: string): unknown {
  if (isEnumType(type)) {
    if (type.getValue(text)) return text;
    throw new Malformed(
      `${quote(text)} is not one of ${type
        .getValues()
        .map(({ name }) => name)
        .join(", ")}.`,
    );
  }
  switch (type.name) {
    case "Boolean":
      if (text === "true" || text === "false") return text === "true";
      throw new Malformed(`${quote(text)} is neither true nor false.`);
    case "Int":
      if (/^-?\d{1,10}$/.test(text)) return Number(text);
      throw new Malformed(`${quote(text)} is not a whole number.`);
    case "Float":
      if (/^-?\d{1,20}(?:\.\d{1,20})?$/.test(text)) return Number(text);
      throw new Malformed(`${quote(text)} is not a number.`);
    case "JSON":
      return jsonOf(text);
    default:
      return text;
  }
}

/** Sets a value, and joins objects: `filter` as JSON can come with parameters for single fields of it. */
function merge(into: Record<string, unknown>, [name = "", ...rest]: readonly string[], value: unknown): void {
  // JSON can have a member of this name. Setting it would change the prototype of all objects.
  if (name === "__proto__") throw new Malformed('There is no member "__proto__".');
  const before = Object.hasOwn(into, name) ? into[name] : undefined;
  if (rest.length > 0) {
    if (before !== undefined && !isRecord(before)) throw new Malformed("This contradicts another parameter.");
    const below = before ?? {};
    into[name] = below;
    merge(below, rest, value);
  } else if (before === undefined) into[name] = value;
  else if (isRecord(before) && isRecord(value)) for (const [key, one] of Object.entries(value)) merge(before, [key], one);
  else throw new Malformed("This contradicts another parameter.");
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
