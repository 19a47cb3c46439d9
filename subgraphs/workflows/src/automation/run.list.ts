import { automation } from "@weft/drizzle";
import { planForValues, type Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { asksFor, type FilterValue } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { and } from "drizzle-orm";
import { RunFilter } from "./run.filter.js";
import { countRuns, selectRunPage, visibleRuns } from "./run.store.js";
import { toRun, type Run, type RunRow } from "./run.type.js";

const { runs } = automation;

const byAge = { column: runs.createdAt, valueOf: (row: RunRow) => row.createdAt };

export const RunOrder = orderByInput("RunOrder", {
  CREATED_AT: byAge,
  STATUS: { column: runs.status, valueOf: (row: RunRow) => row.status, thenBy: byAge },
});

export type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of the runs that the viewer can see, newest first by default. */
export function listRuns(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<Run>> {
  const where = and(visibleRuns(ctx.viewer), RunFilter.toSql(filter, "filter", ctx.viewer));
  // The best plan depends on how many runs fulfill these: either collect them, or scan in list order.
  const isSelective = ["search", "queue", "priority", "costMicros", "failedStep", "shareId"].some((field) => asksFor(field, filter));
  const read = <T>(run: (tx: Tx) => Promise<T>): Promise<T> =>
    ctx.read(async (tx) => {
      if (isSelective) await planForValues(tx);
      return run(tx);
    });
  return keysetPage<RunRow, Run>(ctx, {
    args: page,
    list: "runs",
    orderBy: RunOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    id: { column: runs.id, valueOf: (row) => row.id },
    fetch: (slice) => read((tx) => selectRunPage(tx, where, slice)),
    count: () => read((tx) => countRuns(tx, where)),
    toNode: toRun,
  });
}
