import { requests as tables, workflows } from "@weft/drizzle";
import { getTableColumns, sql } from "drizzle-orm";

const { requests, requestTypes } = tables;
const { instanceHeads } = workflows;

/** Columns of a request and of the head of its instance, which contains its state, fields, owner and assignee. */
export const requestColumns = {
  ...getTableColumns(requests),
  typeKey: requestTypes.key,
  typeFields: requestTypes.fields,
  submitTransition: requestTypes.submitTransition,
  route: requestTypes.route,
  watcherRoleKeys: requestTypes.watcherRoleKeys,
  watcherTeamIds: requestTypes.watcherTeamIds,
  watcherUserIds: requestTypes.watcherUserIds,
  cancelTransition: requestTypes.cancelTransition,
  closeTransition: requestTypes.closeTransition,
  reopenTransition: requestTypes.reopenTransition,
  state: instanceHeads.state,
  status: instanceHeads.status,
  data: instanceHeads.data,
  instanceVersion: instanceHeads.version,
  ownerId: instanceHeads.ownerId,
  teamId: instanceHeads.teamId,
  assigneeUserId: instanceHeads.assigneeUserId,
  assigneeTeamId: instanceHeads.assigneeTeamId,
  assigneeVendorId: instanceHeads.assigneeVendorId,
  closedAt: instanceHeads.closedAt,
  transitionedAt: instanceHeads.updatedAt,
  startedAt: instanceHeads.createdAt,
  /** Only in lists by this time. */
  slaDueAt: sql<string | null>`null::timestamptz`.as("sla_due_at"),
};
