import type { WeftError } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { Kind, OperationTypeNode } from "graphql";
import type { Executor, Operation } from "./executor.js";
import { executorOver } from "./executor-over.js";
import { isInProcess } from "./http/in-process-fetch.js";
import type { Limits } from "./limits/limits.js";
import { parseDocument, resolveOperation } from "./operations.js";

/** Returns why clients cannot change anything in the viewer's tenant now; undefined if they can. Null: nobody is logged in, so any tenant can be meant. */
export type RefusalOfChanges = (viewer: Viewer | null) => WeftError | undefined;

/** Mutations that open, renew, or end a session only. */
const ofSessions: ReadonlySet<string> = new Set([
  "login",
  "completeLogin",
  "refreshSession",
  "logout",
  "startPasskeyLogin",
  "loginWithPasskey",
  "loginWithDirectory",
  "startSingleSignOn",
  "receiveSingleSignOn",
  "receiveSamlResponse",
  "completeSingleSignOn",
  "receiveLogoutToken",
]);

/** Returns an executor that refuses mutations of some tenants' users, and of clients without a login. Those that this process sends itself are not refused. */
export const refusingChanges = (executor: Executor, refusalOf: RefusalOfChanges, limits: Limits): Executor =>
  executorOver(executor, async (operation, context) => {
    const refusal = isInProcess() ? undefined : refusalOf(context.viewer);
    if (refusal && changes(operation, limits)) throw refusal;
    return executor.execute(operation, context);
  });

function changes({ query, operationName }: Operation, limits: Limits): boolean {
  const { operation, selectionSet } = resolveOperation(parseDocument(query, limits), operationName);
  if (operation !== OperationTypeNode.MUTATION) return false;
  return !selectionSet.selections.every((selection) => selection.kind === Kind.FIELD && ofSessions.has(selection.name.value));
}
