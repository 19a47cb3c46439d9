import type { ListSize } from "@weft/api/cost";
import { type ConstDirectiveNode, Kind, parse, valueFromASTUntyped } from "graphql";
import { z } from "zod";
import type { DeclaredCosts } from "../limits/cost.js";
import { keptForLast } from "./kept-for-last.js";

const weight = z.object({ weight: z.coerce.number() });

const listSize = z.object({
  by: z.array(z.string()),
  initial: z.int(),
  maximum: z.int(),
  needs: z.string().exactOptional(),
  fields: z.array(z.string()).exactOptional(),
});

/**
 * Returns what fields declare with `@Cost` and `@SizedBy`, by `Type.field`. The supergraph contains it as `@cost` and `@sized`; the API schema does not.
 */
export const costsIn = keptForLast((supergraphSdl: string): DeclaredCosts => {
  const weights = new Map<string, number>();
  const sizes = new Map<string, readonly ListSize[]>();
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const { name, directives = [] } of definition.fields ?? []) {
      const coordinate = `${definition.name.value}.${name.value}`;
      const cost = directives.find((directive) => directive.name.value === "cost");
      if (cost) weights.set(coordinate, weight.parse(argumentsOf(cost)).weight);
      const sized = directives.filter((directive) => directive.name.value === "sized");
      if (sized.length > 0) {
        const declared = sized.map((directive) => listSize.parse(argumentsOf(directive)));
        sizes.set(coordinate, declared);
      }
    }
  }
  return { weights, sizes };
});

const argumentsOf = ({ arguments: given = [] }: ConstDirectiveNode): Record<string, unknown> =>
  Object.fromEntries(given.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
