import type { ListSize } from "@weft/api/cost";
import { type ConstDirectiveNode, Kind, parse, valueFromASTUntyped } from "graphql";
import type { DeclaredCosts } from "../limits/cost.js";
import { keptForLast } from "./kept-for-last.js";

/**
 * Returns what fields declare with `@Cost` and `@SizedBy`, by `Type.field`. The supergraph contains it as `@cost` and `@sized`; the API schema does not.
 */
export const costsIn = keptForLast((supergraphSdl: string): DeclaredCosts => {
  const weights = new Map<string, number>();
  const sizes = new Map<string, ListSize>();
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const { name, directives = [] } of definition.fields ?? []) {
      const coordinate = `${definition.name.value}.${name.value}`;
      const cost = directives.find((directive) => directive.name.value === "cost");
      if (cost) weights.set(coordinate, Number(argumentsOf(cost)["weight"]));
      const sized = directives.find((directive) => directive.name.value === "sized");
      if (sized) sizes.set(coordinate, argumentsOf(sized) as unknown as ListSize);
    }
  }
  return { weights, sizes };
});

const argumentsOf = ({ arguments: given = [] }: ConstDirectiveNode): Record<string, unknown> =>
  Object.fromEntries(given.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
