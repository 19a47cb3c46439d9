import type { Outcome } from "../../core/model/outcome.js";
import type { EnvironmentName } from "../definition/published.js";
import type { InstanceHead } from "../model/instance-head.js";

export type NewInstance = {
  readonly tenantId: string;
  readonly id: string;
  readonly definition: { readonly id: string; readonly key: string };
  /** Time of its start. */
  readonly outcome: Outcome;
  readonly ownerId: string;
  readonly teamId: string | null;
  readonly environment: EnvironmentName;
};

/** Returns the row of an instance before its first outcome. Only users can have started it. */
export function newInstanceHead({ tenantId, id, definition, outcome, ownerId, teamId, environment }: NewInstance): InstanceHead {
  return {
    tenantId,
    id,
    definitionId: definition.id,
    definitionKey: definition.key,
    state: outcome.to,
    status: outcome.status,
    data: {},
    version: 0,
    subjectType: null,
    subjectId: null,
    requestType: null,
    ownerId,
    teamId,
    assigneeUserId: null,
    assigneeTeamId: null,
    assigneeVendorId: null,
    createdAt: outcome.at,
    updatedAt: outcome.at,
    finishedAt: null,
    closedAt: null,
    parentId: null,
    parentState: null,
    parentVersion: null,
    parentRule: null,
    childIndex: null,
    ancestors: [],
    doneBy: {},
    environment,
  };
}
