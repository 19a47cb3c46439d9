import { Kind, parse, valueFromASTUntyped } from "graphql";
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from "graphql";
import { keptPerSupergraph } from "../federation/kept-per-supergraph.js";

/** Mutations of other subgraphs that return or change what people and programs prove themselves with. */
const OF_CREDENTIALS = /secret|password|token|session|apikey|credential/i;

/**
 * Returns the mutations that runs cannot use, whatever the rights of their owner: accounts, sessions, keys, roles and the organization itself. They are
 * for people. In addition, those that require a recent login refuse every run, because a run has no session.
 */
export const refusedMutations = keptPerSupergraph((supergraphSdl): ReadonlySet<string> => {
  const refused = new Set<string>();
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || definition.name.value !== "Mutation") continue;
    for (const { name, directives = [] } of definition.fields ?? []) {
      const isIdentity = directives.some(
        (directive) =>
          directive.name.value === "join__field" &&
          directive.arguments?.some((argument) => argument.name.value === "graph" && valueFromASTUntyped(argument.value) === "IDENTITY"),
      );
      if (isIdentity || OF_CREDENTIALS.test(name.value)) refused.add(name.value);
    }
  }
  return refused;
});

/** Returns the names of the root fields of an operation, also those in fragments. */
export function rootFieldNames(document: DocumentNode, selections: SelectionSetNode): ReadonlySet<string> {
  const fragments = new Map(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const names = new Set<string>();
  const seen = new Set<string>();
  const visit = ({ selections: all }: SelectionSetNode): void => {
    for (const selection of all) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) visit(fragment.selectionSet);
      }
    }
  };
  visit(selections);
  return names;
}
