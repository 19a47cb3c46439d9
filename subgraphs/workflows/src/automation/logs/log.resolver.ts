import { automation } from "@weft/drizzle";
import { countRows } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { ConnectionArgs, keysetPage, nestedRows, type Order, type Page } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and, eq } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Run } from "../run.type.js";
import { listLines, type RunLogRow } from "./log.store.js";
import { RunLogLineConnection, toLogLine, type RunLogLine } from "./log.type.js";

const { runLogs } = automation;

const byLine: Order<RunLogRow> = { name: "LINE", direction: "ASC", column: runLogs.line, valueOf: (row) => String(row.line) };

@Resolver(() => Run)
export class RunLogsResolver {
  @FieldResolver(() => RunLogLineConnection, {
    description: "Its log, oldest line first. It is kept as long as the run. The subscription `runLogs` delivers further lines.",
  })
  @Allow(inherit)
  logs(
    @Root() run: Run,
    @Arg("step", () => String, { nullable: true, description: "Only lines of this step, with the index of the item in brackets." })
    step: string | null | undefined,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<RunLogLine>> {
    const wanted = step ?? null;
    const where = and(eq(runLogs.runId, run.uuid), wanted === null ? undefined : eq(runLogs.step, wanted));
    return keysetPage<RunLogRow, RunLogLine>(ctx, {
      args,
      list: `run.logs ${run.id}`,
      orderBy: byLine,
      id: { column: runLogs.id, valueOf: (row) => row.id },
      fetch: (slice) =>
        nestedRows(ctx, {
          name: `run.logs ${wanted ?? ""}`,
          args,
          parentId: run.uuid,
          slice,
          select: (tx, ids) => listLines(tx, ids, { step: wanted, slice }),
          parentOf: (row) => row.runId,
        }),
      count: () => ctx.read((tx) => countRows(tx, { name: "countRunLogs", table: runLogs, where })),
      toNode: toLogLine,
    });
  }
}

export const runLogsModule: SubgraphModule = { resolvers: { automation: [RunLogsResolver] } };
