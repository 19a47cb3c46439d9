import { Kind, parse, valueFromASTUntyped } from "graphql";
import { keptForLast } from "./kept-for-last.js";

/** Returns what fields declare to cost with `@Cost`, by `Type.field`. The supergraph contains it as `@cost`; the API schema does not. */
export const costsIn = keptForLast((supergraphSdl: string): ReadonlyMap<string, number> => {
  const costs = new Map<string, number>();
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const { name, directives = [] } of definition.fields ?? []) {
      const [weight] = directives.find((directive) => directive.name.value === "cost")?.arguments ?? [];
      if (weight) costs.set(`${definition.name.value}.${name.value}`, Number(valueFromASTUntyped(weight.value)));
    }
  }
  return costs;
});
