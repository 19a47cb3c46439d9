import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
  validate,
} from "graphql";
import type { Operation } from "../executor.js";

/** Returns a number of at least 0 and below `limit`. */
export type Draw = (limit: number) => number;

export interface RandomOperations {
  readonly draw: Draw;
  readonly count: number;
}

/** Returns this many random operations. */
export function* randomOperations(schema: GraphQLSchema, { draw, count }: RandomOperations): Generator<Operation> {
  for (let index = 0; index < count; index++) yield randomOperation(schema, draw);
}

/** Returns a valid random operation for each root field of queries and mutations. */
export function* operationsOfRootFields(schema: GraphQLSchema, draw: Draw): Generator<Operation> {
  for (const [kind, root] of [
    ["query", schema.getQueryType()],
    ["mutation", schema.getMutationType()],
  ] as const) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      let query: string;
      do {
        const writer = new Writer(schema, draw);
        const head = `${kind} Walk($yes: Boolean!, $no: Boolean = false) { __typename @include(if: $yes) @skip(if: $no)`;
        query = [`${head} ${writer.field(field, 0)} }`, ...writer.fragments].join("\n");
      } while (query.length > longestWalk || validate(schema, parse(query)).length > 0);
      yield { query, variables: { yes: true } };
    }
  }
}

/** Number of characters, far within the token limit. */
const longestWalk = 8_000;

/**
 * Returns an operation with aliases, repeated fields, fragments, conditions on types, and `@skip` and `@include` with constants and variables.
 * Queries have several root fields, mutations one or two. It is valid unless fields of different types have the same name in one place.
 */
function randomOperation(schema: GraphQLSchema, draw: Draw): Operation {
  const kind = draw(5) === 0 ? "mutation" : "query";
  const root = kind === "query" ? schema.getQueryType() : schema.getMutationType();
  if (!root) throw new Error(`The schema has no ${kind}.`);
  const writer = new Writer(schema, draw);
  const body = writer.selection(root, 0);
  const query = `${kind} Random($yes: Boolean!, $no: Boolean = false) ${body.replace("{", "{ __typename @include(if: $yes) @skip(if: $no) ")}`;
  return { query: [query, ...writer.fragments].join("\n"), variables: { yes: draw(2) === 0, ...(draw(2) === 0 && { no: draw(2) === 0 }) } };
}

const maxDepth = 5;

class Writer {
  readonly fragments: string[] = [];
  readonly #schema: GraphQLSchema;
  readonly #draw: Draw;
  #aliases = 0;

  constructor(schema: GraphQLSchema, draw: Draw) {
    this.#schema = schema;
    this.#draw = draw;
  }

  selection(type: GraphQLCompositeType, depth: number): string {
    const selections = this.#draw(3) === 0 || depth >= maxDepth ? ["__typename"] : [];
    if ("getFields" in type) {
      const fields = Object.values(type.getFields()).filter((field) => !this.#isTooDeep(field, depth));
      for (let count = 1 + this.#draw(depth === 0 ? 3 : 5); count > 0 && fields.length > 0; count--) {
        const field = fields[this.#draw(fields.length)];
        if (field) selections.push(this.field(field, depth));
      }
    }
    for (let count = this.#draw(isObjectType(type) ? 2 : 4); count > 0 && depth > 0 && depth < maxDepth; count--)
      selections.push(this.#fragment(type, depth));
    return `{ ${selections.length > 0 ? selections.join(" ") : "__typename"} }`;
  }

  #isTooDeep = ({ type }: GraphQLField<unknown, unknown>, depth: number): boolean =>
    depth + 1 >= maxDepth && isCompositeType(getNamedType(type));

  field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const args = field.args.filter((argument) => isRequiredArgument(argument)).map((argument) => this.#argument(argument));
    const given = args.length > 0 ? `(${args.join(", ")})` : "";
    const type = getNamedType(field.type);
    // The same response name twice only without arguments and for the same field, which can always be merged.
    const alias = args.length > 0 || this.#draw(4) === 0 ? `a${this.#aliases++}: ` : "";
    return `${alias}${field.name}${given}${this.#directive()}${isCompositeType(type) ? ` ${this.selection(type, depth + 1)}` : ""}`;
  }

  #fragment(type: GraphQLCompositeType, depth: number): string {
    const possible = isObjectType(type) ? [type, ...type.getInterfaces()] : [type, ...this.#schema.getPossibleTypes(type)];
    const condition = possible[this.#draw(possible.length)] ?? type;
    const body = this.selection(condition, depth + (isObjectType(condition) ? 0 : 1));
    if (this.#draw(3) > 0) return `... on ${condition.name}${this.#directive()} ${body}`;
    const name = `Part${this.fragments.length}`;
    this.fragments.push(`fragment ${name} on ${condition.name} ${body}`);
    return `...${name}${this.#directive()}`;
  }

  #directive(): string {
    const directives = ["@skip(if: $no)", "@include(if: $yes)", "@include(if: true)", "@skip(if: $yes)", "@include(if: false)"];
    return this.#draw(6) === 0 ? ` ${directives[this.#draw(directives.length)]}` : "";
  }

  #argument({ name, type }: GraphQLArgument): string {
    return `${name}: ${this.#literal(type)}`;
  }

  #literal(type: GraphQLInputType): string {
    if (isNonNullType(type)) return this.#literal(type.ofType);
    if (isListType(type)) return `[${this.#literal(type.ofType)}]`;
    if (isEnumType(type)) return type.getValues()[0]?.name ?? "null";
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => isRequiredInputField(field));
      return `{ ${fields.map((field) => `${field.name}: ${this.#literal(field.type)}`).join(", ")} }`;
    }
    if (type.name === "Int" || type.name === "SafeInt" || type.name === "Float") return String(this.#draw(50));
    if (type.name === "Boolean") return "true";
    if (type.name === "JSON") return "{}";
    if (type.name === "DateTime") return '"2026-01-01T00:00:00Z"';
    return `"${type.name.toLowerCase()}-${this.#draw(5)}"`;
  }
}
