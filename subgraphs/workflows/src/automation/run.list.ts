import { automation, workflows } from "@weft/drizzle";
import {
  enumField,
  filterInput,
  idField,
  keysetPage,
  orderByInput,
  textField,
  timeField,
  type ConnectionArgs,
  type Context,
  type FilterValue,
  type OrderByValue,
  type Page,
} from "@weft/shared";
import { and } from "drizzle-orm";
import { countRuns, selectRunPage, visibleRuns } from "./run.store.js";
import { RunStatus, toRun, type Run, type RunRow } from "./run.type.js";

const { runs } = automation;
const { instances } = workflows;

export const RunFilter = filterInput("RunFilter", {
  status: enumField("RunStatus", RunStatus, runs.status),
  definitionKey: textField(instances.definitionKey),
  instanceId: idField("instance", runs.instanceId),
  state: textField(runs.state),
  ownerId: idField("user", instances.ownerId),
  createdAt: timeField(runs.createdAt),
  finishedAt: timeField(runs.finishedAt),
});

export const RunOrder = orderByInput("RunOrder", {
  CREATED_AT: { column: runs.createdAt, valueOf: (row: RunRow) => row.createdAt },
});

export type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of the runs that the viewer can see, newest first by default. */
export function listRuns(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<Run>> {
  const where = and(visibleRuns(ctx.viewer), RunFilter.toSql(filter));
  return keysetPage<RunRow, Run>(ctx, {
    args: page,
    list: "runs",
    orderBy: RunOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    id: { column: runs.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectRunPage(tx, where, slice)),
    count: () => ctx.read((tx) => countRuns(tx, where)),
    toNode: toRun,
  });
}
