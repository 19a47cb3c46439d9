import { Kind } from "graphql";
import type { DocumentNode, FragmentDefinitionNode } from "graphql";

export const fragmentsOf = ({ definitions }: DocumentNode): FragmentDefinitionNode[] =>
  definitions.filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION);

export const fragmentsByName = (document: DocumentNode): Map<string, FragmentDefinitionNode> =>
  new Map(fragmentsOf(document).map((fragment) => [fragment.name.value, fragment]));
