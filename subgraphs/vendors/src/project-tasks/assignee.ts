import { assertPrincipal, assertVendorDays } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { idPrefixes, parseAnyId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { grantObjectAccess, revokeObjectAccess } from "@weft/platform/object-access";
import type { ProjectTaskRow } from "./project-task.store.js";

export type Assignee = Pick<ProjectTaskRow, "assigneeUserId" | "assigneeVendorId">;

const path = "input.assigneeId";

/** Returns the columns of an assignee. @throws BadUserInput if the ID is not of a user or a vendor */
export function assigneeOfId(id: string | null | undefined): Assignee {
  if (id === null || id === undefined) return { assigneeUserId: null, assigneeVendorId: null };
  const parsed = parseAnyId(id);
  if (parsed?.type === "user") return { assigneeUserId: parsed.uuid, assigneeVendorId: null };
  if (parsed?.type === "vendor") return { assigneeUserId: null, assigneeVendorId: parsed.uuid };
  throw new BadUserInput([{ path, message: `Expected an ID that starts with ${idPrefixes.user}_ or ${idPrefixes.vendor}_.` }]);
}

/** @throws BadUserInput if the user or vendor does not exist or cannot take work */
export async function assertAssignable(tx: Tx, before: Assignee | null, { assigneeUserId, assigneeVendorId }: Assignee): Promise<void> {
  if (assigneeUserId !== null) await assertPrincipal(tx, { type: "USER", id: assigneeUserId }, path);
  if (assigneeVendorId === null) return;
  const kind = before?.assigneeVendorId === assigneeVendorId ? null : "PROJECT_TASK";
  await assertPrincipal(tx, { type: "VENDOR", id: assigneeVendorId }, path, kind);
}

/**
 * Checks that a vendor has capacity on the days for which a task that was assigned to it is planned. The transaction has written the task, and locked its plan.
 * @throws BadUserInput
 */
export async function assertDaysFree(
  tx: Tx,
  before: Assignee | null,
  { id: taskId, projectId, assigneeVendorId }: ProjectTaskRow,
): Promise<void> {
  if (assigneeVendorId === null || before?.assigneeVendorId === assigneeVendorId) return;
  await assertVendorDays(tx, { vendorId: assigneeVendorId, taskId, projectId, path });
}

/** Lets the users of the vendor that a task is assigned to see it, and those of the vendor before no longer. */
export async function moveAccess(tx: Tx, id: string, before: Assignee | null, after: Assignee): Promise<void> {
  const [from, to] = [before?.assigneeVendorId ?? null, after.assigneeVendorId];
  if (from === to) return;
  if (from !== null) await revokeObjectAccess(tx, { objectIds: [id], vendorId: from });
  if (to !== null) await grantObjectAccess(tx, { objectIds: [id], vendorId: to });
}
