import { Forbidden } from "@weft/shared/errors";
import { hasPermission, type Viewer } from "@weft/shared/viewer";
import type { Executor } from "../executor.js";
import { executorOver } from "../executor-over.js";
import { parseDocument, resolveOperation } from "../operations.js";
import { rootFieldsOf } from "./anonymous.js";
import { introspectionRefusal } from "./introspection-refusal.js";
import type { Limits } from "./limits.js";
import type { PlannedOperation } from "./planning.js";

/** Nearly every operation lacks these names, and none can write them in another way. */
const asksForSchema = /__(?:schema|type)\b/;

/**
 * Returns an executor that refuses introspection to viewers without the permission `schema.read`. A validation rule could not, because valid documents are
 * cached for all viewers. `__typename` is always allowed.
 * @throws Forbidden
 */
export const restrictingIntrospection = (executor: Executor, limits: Limits): Executor =>
  executorOver(executor, async (operation, context) => {
    if (!operation.isInternal) assertMayIntrospect(operation, context.viewer, limits);
    return executor.execute(operation, context);
  });

/** @throws Forbidden if an operation asks for the schema, and the viewer lacks the permission `schema.read` */
export function assertMayIntrospect({ query, operationName }: PlannedOperation, viewer: Viewer | null, limits: Limits): void {
  if (!asksForSchema.test(query)) return;
  const document = parseDocument(query, limits);
  const fields = rootFieldsOf(document, resolveOperation(document, operationName).selectionSet);
  if (!fields.has("__schema") && !fields.has("__type")) return;
  if (!viewer || !hasPermission(viewer, "schema.read")) throw new Forbidden(introspectionRefusal);
}
