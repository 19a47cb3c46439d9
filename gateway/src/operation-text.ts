import { Kind, print, visit } from "graphql";
import type { FragmentDefinitionNode, OperationDefinitionNode, OperationTypeNode, SelectionNode, SelectionSetNode } from "graphql";
import type { Operation } from "./executor.js";

/** A parsed operation, with the fragments of its document and the values of its variables. */
export interface ParsedOperation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: readonly FragmentDefinitionNode[];
  readonly variables: Operation["variables"];
}

/** Prints an operation with other selections: a document with only the fragments and variables that it uses, because unused ones would make it invalid. */
export function written(
  { operation, fragments, variables }: ParsedOperation,
  kind: OperationTypeNode,
  selections: readonly SelectionNode[],
): Operation {
  const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections };
  const used = usedFragments(selectionSet, fragments);
  const names = new Set<string>();
  for (const node of [selectionSet, ...used]) visit(node, { Variable: ({ name }) => void names.add(name.value) });
  const definition: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: kind,
    ...(operation.name && { name: operation.name }),
    variableDefinitions: (operation.variableDefinitions ?? []).filter(({ variable }) => names.has(variable.name.value)),
    selectionSet,
  };
  return {
    query: print({ kind: Kind.DOCUMENT, definitions: [definition, ...used] }),
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => names.has(name))),
  };
}

function usedFragments(selectionSet: SelectionSetNode, fragments: readonly FragmentDefinitionNode[]): FragmentDefinitionNode[] {
  const used = new Set<string>();
  const look = (node: SelectionSetNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        if (used.has(name.value)) return;
        used.add(name.value);
        const fragment = fragments.find((one) => one.name.value === name.value);
        if (fragment) look(fragment);
      },
    });
  };
  look(selectionSet);
  return fragments.filter(({ name }) => used.has(name.value));
}
