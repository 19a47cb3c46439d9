import { NotFound } from "@weft/shared/errors";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { decodeIdOrNull, encodeId } from "@weft/shared/ids";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { cursorOf, liveField } from "@weft/api/live";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { ArgsType, Field, ID, ObjectType } from "type-graphql";
import { loadRun } from "./run.loader.js";
import { findRun, markWatched } from "./run.store.js";
import { Run, RunStatus, type RunRow } from "./run.type.js";
import { selectLines } from "./logs/log.store.js";
import { RunLogged, RunLogsArgs, toLogLine } from "./logs/log.type.js";

@ArgsType()
export class RunUpdatedArgs {
  @Field(() => ID, {
    nullable: true,
    description: "Only changes of this run, those of its steps included. If omitted: changes of the status of runs.",
  })
  runId?: string | null;
}

@ObjectType({ description: "A run, or a step of it, has changed. The status is as of the event; the run is in its current state." })
@Allow(allOf(staff, can("workflow.read")))
export class RunUpdated {
  @Field(() => String, { description: "Cursor of the event. Pass it as `after` to resume without missing events." })
  cursor!: string;

  @Field(() => Run, { description: "The run." })
  run!: Run;

  @Field(() => RunStatus, { description: "Status of the run after the change." })
  status!: RunStatus;

  @Field(() => DateTimeScalar, { description: "Time of the change." })
  occurredAt!: string;
}

async function readWatched(ctx: Context, runId: string): Promise<RunRow> {
  const id = decodeIdOrNull("run", runId, "runId") ?? "";
  const row = await ctx.read((tx) => findRun(tx, ctx.viewer, id));
  if (!row) throw new NotFound("Run", encodeId("run", id));
  return row;
}

/**
 * Changes of steps are announced only of runs that somebody watches. The first subscription makes the run a watched one, and announces that at once:
 * whoever has read the run before receives it as it is then, so that no change is missed.
 */
async function watch(ctx: Context, runId: string): Promise<void> {
  const { id, isWatched, finishedAt, instanceId, definitionKey, state, status } = await readWatched(ctx, runId);
  if (isWatched || finishedAt !== null) return;
  await ctx.inTenant(async (tx) => {
    const version = await markWatched(tx, id);
    if (version === null) return;
    const payload = { runId: id, instanceId, definitionKey, state, status };
    await appendEvents(tx, ctx.meta, [{ type: "run.progressed", subjectId: instanceId, subjectVersion: version, payload }]);
  });
}

async function updated(ctx: Context, { runId }: RunUpdatedArgs, event: EventEnvelope | null): Promise<RunUpdated | null> {
  if (event === null) {
    if (typeof runId === "string") await watch(ctx, runId);
    return null;
  }
  if (event.type === "run.progressed" && typeof runId !== "string") return null;
  const run = await loadRun(ctx, String(event.payload["runId"]));
  if (!run) return null;
  return { cursor: cursorOf(ctx, event), run, status: event.payload["status"] as RunStatus, occurredAt: event.occurredAt };
}

export const RunUpdatedLive = liveField({
  name: "runUpdated",
  type: () => RunUpdated,
  args: RunUpdatedArgs,
  rule: allOf(staff, can("workflow.read")),
  description: "Changes of the runs that you can see, in order. Errors: NOT_FOUND (the run), BAD_USER_INPUT.",
  resolve: updated,
});

async function logged(ctx: Context, { runId }: RunLogsArgs, event: EventEnvelope | null): Promise<RunLogged | null> {
  if (event === null) {
    if (typeof runId === "string") await readWatched(ctx, runId);
    return null;
  }
  const { runId: id, fromLine, toLine } = event.payload as { readonly runId: string; readonly fromLine: number; readonly toLine: number };
  const run = await loadRun(ctx, id);
  if (!run) return null;
  const rows = await ctx.read((tx) => selectLines(tx, { runId: id, from: fromLine, to: toLine }));
  return { cursor: cursorOf(ctx, event), runId: run.id, lines: rows.map(toLogLine) };
}

export const RunLogsLive = liveField({
  name: "runLogs",
  type: () => RunLogged,
  args: RunLogsArgs,
  rule: allOf(staff, can("workflow.read")),
  description:
    "Lines that are added to the logs of the runs that you can see, in order. Load `Run.logs` with `liveCursor`, and pass it as `after`: no line is missed, and none comes twice. Errors: NOT_FOUND (the run), BAD_USER_INPUT.",
  resolve: logged,
});

export const runUpdatedModule: SubgraphModule = { resolvers: { automation: [RunUpdatedLive, RunLogsLive] } };
