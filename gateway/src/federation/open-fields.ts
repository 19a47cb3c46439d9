import { openFieldTag } from "@weft/shared";
import { Kind, parse, valueFromASTUntyped } from "graphql";

const rootTypes: ReadonlySet<string> = new Set(["Query", "Mutation", "Subscription"]);

/** Returns the root fields that require no login, such as `Mutation.login`. The subgraphs' rules mark them in the supergraph. */
export function fieldsWithoutLogin(supergraphSdl: string): ReadonlySet<string> {
  const open = new Set<string>();
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || !rootTypes.has(definition.name.value)) continue;
    for (const { name, directives = [] } of definition.fields ?? []) {
      const isOpen = directives.some(
        (directive) =>
          directive.name.value === "tag" &&
          directive.arguments?.some((argument) => argument.name.value === "name" && valueFromASTUntyped(argument.value) === openFieldTag),
      );
      if (isOpen) open.add(`${definition.name.value}.${name.value}`);
    }
  }
  return open;
}
