import { GraphQLScalarType, Kind } from "graphql";
import type { ObjectValueNode, ValueNode } from "graphql";
import { BadUserInput } from "@weft/shared/errors";
import { jsonProblem } from "./json-bounds.js";

/** Any JSON value, limited in depth and size. */
export const JsonScalar = new GraphQLScalarType<unknown>({
  name: "JSON",
  description: "Any JSON value: at most 32 levels deep, with at most 10,000 values and 256 KiB of text.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc8259",
  serialize: (value) => value,
  parseValue: checked,
  parseLiteral: (node, variables) => checked(fromLiteral(node, variables ?? null, 0)),
});

function checked(value: unknown): unknown {
  const problem = jsonProblem(value);
  if (problem) throw new BadUserInput([problem]);
  return value;
}

/**
 * Converts the literal in the document. During validation there are no variables yet, so each counts as null. During execution, variables that are
 * not given are omitted.
 */
function fromLiteral(node: ValueNode, variables: Record<string, unknown> | null, depth: number): unknown {
  if (depth > 40) throw new BadUserInput([{ path: "", message: "The value is nested too deeply." }]);
  switch (node.kind) {
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((item) => fromLiteral(item, variables, depth + 1) ?? null);
    case Kind.OBJECT:
      return objectOf(node, variables, depth);
    case Kind.VARIABLE:
      return variables === null ? null : variables[node.name.value];
    default:
      return node satisfies never;
  }
}

/** fromEntries defines members: a key `__proto__` becomes a member that the check rejects, not a prototype. */
function objectOf(node: ObjectValueNode, variables: Record<string, unknown> | null, depth: number): object {
  const members = node.fields.map(({ name, value }) => [name.value, fromLiteral(value, variables, depth + 1)] as const);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}
