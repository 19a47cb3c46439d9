import { gatewayOnlyTag, openFieldTag } from "@weft/shared";
import { Kind, parse, valueFromASTUntyped } from "graphql";
import type { DirectiveNode } from "graphql";
import { keptPerSupergraph } from "./kept-per-supergraph.js";

const rootTypes: ReadonlySet<string> = new Set(["Query", "Mutation", "Subscription"]);

/** Returns the root fields that have a tag in the supergraph, such as `Mutation.login`. */
export function rootFieldsTagged(supergraphSdl: string, tag: string): ReadonlySet<string> {
  const tagged = new Set<string>();
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || !rootTypes.has(definition.name.value)) continue;
    for (const field of definition.fields ?? []) {
      if (isTagged(field, tag)) tagged.add(`${definition.name.value}.${field.name.value}`);
    }
  }
  return tagged;
}

/** Whether a field or a type has a tag. */
export const isTagged = ({ directives = [] }: { readonly directives?: readonly DirectiveNode[] | undefined }, tag: string): boolean =>
  directives.some(
    (directive) =>
      directive.name.value === "tag" &&
      directive.arguments?.some((argument) => argument.name.value === "name" && valueFromASTUntyped(argument.value) === tag),
  );

/**
 * Returns the root fields that clients can call without a login. The subgraphs' rules mark them in the supergraph. Fields that only the gateway calls
 * are not among them: for clients, they are as unknown as fields that do not exist.
 */
export const fieldsWithoutLogin = keptPerSupergraph((supergraphSdl): ReadonlySet<string> => {
  const hidden = rootFieldsTagged(supergraphSdl, gatewayOnlyTag);
  return new Set([...rootFieldsTagged(supergraphSdl, openFieldTag)].filter((field) => !hidden.has(field)));
});
