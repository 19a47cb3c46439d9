import { openFieldTag } from "@weft/shared";
import { Kind, parse, valueFromASTUntyped } from "graphql";
import { keptPerSupergraph } from "./kept-per-supergraph.js";

const rootTypes: ReadonlySet<string> = new Set(["Query", "Mutation", "Subscription"]);

/** Returns the root fields that have a tag in the supergraph, such as `Mutation.login`. */
export function rootFieldsTagged(supergraphSdl: string, tag: string): ReadonlySet<string> {
  const tagged = new Set<string>();
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || !rootTypes.has(definition.name.value)) continue;
    for (const { name, directives = [] } of definition.fields ?? []) {
      const hasTag = directives.some(
        (directive) =>
          directive.name.value === "tag" &&
          directive.arguments?.some((argument) => argument.name.value === "name" && valueFromASTUntyped(argument.value) === tag),
      );
      if (hasTag) tagged.add(`${definition.name.value}.${name.value}`);
    }
  }
  return tagged;
}

/** Returns the root fields that require no login. The subgraphs' rules mark them in the supergraph. */
export const fieldsWithoutLogin = keptPerSupergraph((supergraphSdl) => rootFieldsTagged(supergraphSdl, openFieldTag));
