import { GraphQLScalarType, Kind } from "graphql";
import { BadUserInput, quote } from "@weft/shared/errors";

/** An integer that JSON and JavaScript represent exactly. `Int` has 32 bits only, too few for amounts of money in minor units. */
export const SafeIntScalar = new GraphQLScalarType<number, number>({
  name: "SafeInt",
  description: "An integer between -9007199254740991 and 9007199254740991, which JSON represents exactly.",
  serialize: checked,
  parseValue: checked,
  parseLiteral: (node) => checked(node.kind === Kind.INT ? Number(node.value) : null),
});

function checked(value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number;
  const shown = typeof value === "number" || typeof value === "string" ? quote(String(value)) : "The value";
  throw new BadUserInput([{ path: "", message: `${shown} is not an integer between -9007199254740991 and 9007199254740991.` }]);
}
