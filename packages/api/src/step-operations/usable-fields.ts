import { OperationTypeNode } from "graphql";
import type { DocumentNode, OperationDefinitionNode } from "graphql";
import { mutationsOfRuns, personalQueries } from "./operations-of-runs.js";
import { rootFieldNames } from "./root-fields.js";

/** Returns why runs cannot use the operation: the first root field that is not for them. Null: they can. */
export function refusalOfRun(document: DocumentNode, { operation, selectionSet }: OperationDefinitionNode): string | null {
  const isMutation = operation === OperationTypeNode.MUTATION;
  const isUsable = (name: string): boolean => (isMutation ? mutationsOfRuns.has(name) : !personalQueries.has(name));
  const unusable = [...rootFieldNames(document, selectionSet)].find((name) => !isUsable(name));
  if (unusable === undefined) return null;
  return isMutation
    ? `A run cannot use ${unusable}. It is for people, or not decided yet.`
    : `A run cannot use ${unusable}, which shows what is a user's own.`;
}
