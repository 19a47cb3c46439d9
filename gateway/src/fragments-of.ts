import { Kind } from "graphql";
import type { DocumentNode, FragmentDefinitionNode } from "graphql";

export const fragmentsOf = ({ definitions }: DocumentNode): FragmentDefinitionNode[] =>
  definitions.filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION);
