import { workflows } from "@weft/drizzle";
import type { InstanceHead } from "@weft/engine";
import { visibleInstanceList } from "@weft/platform/access";
import { planForValues, type Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { anyIdField, asksFor, enumField, filterInput, type FilterValue, idField, onlyWith, textField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, nestedRows, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { WorkflowStatus } from "@weft/api/workflow-status";
import { and } from "drizzle-orm";
import { subjectPermissions } from "../subjects/subject.type.js";
import { Environment } from "../definitions/life-cycle/environment.type.js";
import { dataField, dataSearchField } from "./data-filter/data-filter.js";
import { parentField } from "./hierarchy/hierarchy.filter.js";
import { assertIndexed } from "./data-filter/indexed-fields.js";
import { countInstances, countInstancesOfSubjects, selectInstancePage, selectInstancesOfSubjects, visible } from "./instance.store.js";
import { instanceNodes, type WorkflowInstance } from "./instance.type.js";

const { instances } = workflows;

export const WorkflowInstanceFilter = filterInput("WorkflowInstanceFilter", {
  definitionKey: textField(instances.definitionKey),
  definitionId: onlyWith("definition.read", idField("definition", instances.definitionId)),
  state: textField(instances.state, "Names of states, as used in the definitions. A name that no definition has matches nothing."),
  status: enumField("WorkflowStatus", WorkflowStatus, instances.status),
  ownerId: idField("user", instances.ownerId),
  teamId: idField("team", instances.teamId),
  assigneeId: anyIdField(
    { user: instances.assigneeUserId, team: instances.assigneeTeamId, vendor: instances.assigneeVendorId },
    "ID of a user, a team or a vendor.",
  ),
  environment: enumField("Environment", Environment, instances.environment),
  parentId: parentField,
  subjectId: anyIdField(
    {
      request: instances.subjectId,
      asset: instances.subjectId,
      building: instances.subjectId,
      project: instances.subjectId,
      vendor: instances.subjectId,
      contract: instances.subjectId,
      milestone: instances.subjectId,
      scopeChange: instances.subjectId,
    },
    "ID of the object that the workflow is about, such as an asset, a building or a project. Requires the permission to read objects of its type.",
    subjectPermissions,
  ),
  createdAt: timeField(instances.createdAt),
  updatedAt: timeField(instances.updatedAt),
  data: dataField,
  search: dataSearchField,
});

const byAge = { column: instances.createdAt, valueOf: (row: InstanceHead) => row.createdAt };

export const WorkflowInstanceOrder = orderByInput("WorkflowInstanceOrder", {
  CREATED_AT: byAge,
  UPDATED_AT: { column: instances.updatedAt, valueOf: (row: InstanceHead) => row.updatedAt },
  DEFINITION_KEY: { column: instances.definitionKey, valueOf: (row: InstanceHead) => row.definitionKey, thenBy: byAge },
  STATE: { column: instances.state, valueOf: (row: InstanceHead) => row.state, thenBy: byAge },
});

export type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of the instances that the viewer can see, newest first by default. */
export async function listInstances(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<WorkflowInstance>> {
  const where = and(visibleInstanceList(ctx.viewer, "workflow.read"), WorkflowInstanceFilter.toSql(filter, "filter", ctx.viewer));
  await assertIndexed(ctx, filter, "filter");
  // The best plan depends on how many instances contain a word: either collect them, or scan in list order.
  const read = <T>(run: (tx: Tx) => Promise<T>): Promise<T> =>
    ctx.read(async (tx) => {
      if (asksFor("search", filter)) await planForValues(tx);
      return run(tx);
    });
  const order = WorkflowInstanceOrder.resolve(orderBy, ["CREATED_AT", "DESC"]);
  const reading = instanceNodes.reading(ctx, { order });
  return keysetPage<InstanceHead, WorkflowInstance>(ctx, {
    args: page,
    list: "workflowInstances",
    orderBy: order,
    id: { column: instances.id, valueOf: (row) => row.id },
    fetch: (slice) => read((tx) => selectInstancePage(tx, { where, slice, reading })),
    count: () => read((tx) => countInstances(tx, where)),
    toNode: instanceNodes.toNode,
  });
}

/**
 * Returns a page of the instances about a business object that the viewer can see. One statement reads the first pages of all objects of the response,
 * and one counts them.
 */
export async function listInstancesOfSubject(
  ctx: Context,
  subjectId: string,
  { filter, orderBy, page }: ListOptions,
): Promise<Page<WorkflowInstance>> {
  const where = and(visible(ctx.viewer, "workflow.read"), WorkflowInstanceFilter.toSql(filter, "filter", ctx.viewer));
  // An operation can select the list several times, with other arguments.
  const name = `subject.workflows ${JSON.stringify([filter, orderBy])}`;
  const counts = ctx.loader<string, number>(`${name} count`, (tx, subjectIds) => countInstancesOfSubjects(tx, subjectIds, where));
  const order = WorkflowInstanceOrder.resolve(orderBy, ["CREATED_AT", "DESC"]);
  const reading = instanceNodes.reading(ctx, { order });
  return keysetPage<InstanceHead, WorkflowInstance>(ctx, {
    args: page,
    list: `subject.workflows ${subjectId}`,
    orderBy: order,
    id: { column: instances.id, valueOf: (row) => row.id },
    fetch: (slice) =>
      nestedRows(ctx, {
        name,
        args: page,
        parentId: subjectId,
        slice,
        select: async (tx, subjectIds) => {
          await assertIndexed(ctx, filter, "filter");
          return selectInstancesOfSubjects(tx, subjectIds, { where, slice, reading });
        },
        parentOf: (row) => row.subjectId,
      }),
    count: async () => (await counts.load(subjectId)) ?? 0,
    toNode: instanceNodes.toNode,
  });
}
