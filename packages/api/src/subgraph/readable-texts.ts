import { getNamedType, getNullableType, isInputObjectType, isListType } from "graphql";
import type { GraphQLArgument, GraphQLInputField, GraphQLResolveInfo, GraphQLSchema } from "graphql";
import type { Context } from "../context/context.js";
import { BadUserInput, type Problem } from "@weft/shared/errors";
import { isUnreadable } from "@weft/shared/texts";

/** Values that programs compare and nobody reads. Their own rules decide what they can contain. */
const opaque = /password|secret|token|code/i;

/**
 * Refuses, for every mutation, texts that have characters of which none is visible: a reason or comment that nobody can read, in an audit trail too. Here,
 * so that no mutation can forget it. Blank texts are left to the mutation, which can take them as absent. JSON is data, whose schema decides.
 */
export function requireReadableTexts(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve, args: declared } = field;
    if (!resolve) continue;
    field.resolve = (parent, args: Record<string, unknown>, context: Context, info: GraphQLResolveInfo) => {
      const problems = unreadableTexts(declared, args);
      if (problems.length > 0) throw new BadUserInput(problems);
      return resolve(parent, args, context, info);
    };
  }
}

/** Returns a problem for each text of the arguments of which no character is visible. */
function unreadableTexts(declared: readonly (GraphQLArgument | GraphQLInputField)[], values: object, at = ""): Problem[] {
  const given = new Map<string, unknown>(Object.entries(values));
  return declared.flatMap(({ name, type }) => {
    const isList = isListType(getNullableType(type));
    const value = given.get(name);
    const items = isList && Array.isArray(value) ? value : [value];
    const named = getNamedType(type);
    return items.flatMap((item: unknown, index): Problem[] => {
      const path = `${at}${name}${isList ? `.${index}` : ""}`;
      if (isInputObjectType(named))
        return typeof item === "object" && item !== null ? unreadableTexts(Object.values(named.getFields()), item, `${path}.`) : [];
      const isRefused = named.name === "String" && typeof item === "string" && !opaque.test(name) && isUnreadable(item);
      return isRefused ? [{ path, message: "It has only invisible characters. Enter some text." }] : [];
    });
  });
}
