import { decodeId } from "@weft/shared/ids";
import { type Context, referencesEach } from "@weft/api/context";
import { SizedBy } from "@weft/api/cost";
import type { FilterValue } from "@weft/api/filters";
import { DeletePayload, KeyedIdInput, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inPerson, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { nextOccurrences, planOf } from "@weft/api/timing";
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadInstance } from "../instances/instance.loader.js";
import type { WorkflowInstance } from "../instances/instance.type.js";
import { backfillSchedule, pauseSchedule, resumeSchedule, runScheduleNow } from "./control.service.js";
import { listRuns } from "./run/run.list.js";
import { ScheduleRun, ScheduleRunConnection, ScheduleRunStatus, toScheduleRun } from "./run/run.type.js";
import { BackfillScheduleInput, BackfillSchedulePayload, PauseScheduleInput, RunScheduleNowPayload } from "./schedule.input.js";
import { ScheduleFilter, ScheduleOrder, listSchedules } from "./schedule.list.js";
import { changeSchedule, createSchedule, deleteSchedule, getSchedule, nextCount, nextRunsOf } from "./schedule.service.js";
import {
  CreateScheduleInput,
  NextRunsInput,
  UpdateScheduleInput,
  PlannedRun,
  Schedule,
  ScheduleConnection,
  toPlannedRun,
  toSchedule,
  SchedulePayload,
} from "./schedule.type.js";
import { loadSchedule } from "./schedule.loader.js";

@Resolver(() => Schedule)
export class ScheduleResolver {
  @Query(() => Schedule, { nullable: true, description: "One schedule. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(canInTenant("schedule.read"))
  async schedule(
    @Arg("id", () => ID, { description: "ID of the schedule (`sch_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<Schedule> {
    const scheduleId = decodeId("schedule", id);
    return toSchedule(await ctx.read((tx) => getSchedule(tx, scheduleId)));
  }

  @Query(() => ScheduleConnection, { nullable: true, description: "Schedules, by name by default." })
  @Allow(canInTenant("schedule.read"))
  schedules(
    @Arg("filter", () => ScheduleFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => ScheduleOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Schedule>> {
    return listSchedules(ctx, { filter, orderBy, page });
  }

  @Query(() => [PlannedRun], {
    nullable: true,
    description:
      "Computes the planned times of a schedule that does not exist yet, without jitter. Nothing is written. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("schedule.read"))
  @SizedBy({ by: ["input.first"], initial: 10, maximum: 100 })
  async nextRuns(@Arg("input", () => NextRunsInput) input: NextRunsInput, @Ctx() ctx: Context): Promise<PlannedRun[]> {
    return (await nextRunsOf(ctx, input)).map(toPlannedRun);
  }

  @Mutation(() => SchedulePayload, {
    description:
      "Creates a schedule, which starts workflows on your behalf and with the rights that you have when they start. Requires `workflow.start` too. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, FORBIDDEN.",
  })
  @Allow(allOf(canInTenant("schedule.manage"), inPerson))
  @RequiresRecentLogin()
  async createSchedule(@Arg("input", () => CreateScheduleInput) input: CreateScheduleInput, @Ctx() ctx: Context): Promise<SchedulePayload> {
    return { schedule: toSchedule(await createSchedule(ctx, input)) };
  }

  @Mutation(() => SchedulePayload, {
    description:
      "Updates a schedule. You become its owner, so its workflows start on your behalf. Requires `workflow.start` too. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT, FORBIDDEN.",
  })
  @Allow(allOf(canInTenant("schedule.manage"), inPerson))
  @RequiresRecentLogin()
  async updateSchedule(@Arg("input", () => UpdateScheduleInput) input: UpdateScheduleInput, @Ctx() ctx: Context): Promise<SchedulePayload> {
    return { schedule: toSchedule(await changeSchedule(ctx, input)) };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes a schedule and the record of its runs. The workflows that it started remain. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("schedule.manage"))
  async deleteSchedule(
    @Arg("input", () => VersionedIdInput, { description: "ID of the schedule (`sch_…`)." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await deleteSchedule(ctx, input) };
  }

  @Mutation(() => SchedulePayload, {
    description:
      "Pauses a schedule. Planned times during the pause have no runs. Errors: NOT_FOUND, CONFLICT (also if it has ended), BAD_USER_INPUT.",
  })
  @Allow(canInTenant("schedule.manage"))
  async pauseSchedule(@Arg("input", () => PauseScheduleInput) input: PauseScheduleInput, @Ctx() ctx: Context): Promise<SchedulePayload> {
    return { schedule: toSchedule(await pauseSchedule(ctx, input)) };
  }

  @Mutation(() => SchedulePayload, {
    description:
      "Resumes a paused schedule. Runs that were planned during the pause do not start. Errors: NOT_FOUND, CONFLICT (also if it is not paused).",
  })
  @Allow(canInTenant("schedule.manage"))
  async resumeSchedule(
    @Arg("input", () => VersionedIdInput, { description: "ID of the schedule (`sch_…`)." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<SchedulePayload> {
    return { schedule: toSchedule(await resumeSchedule(ctx, input)) };
  }

  @Mutation(() => RunScheduleNowPayload, {
    description: "Starts a run now, in addition to the planned ones and on behalf of the schedule's owner. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("schedule.manage"))
  async runScheduleNow(
    @Arg("input", () => KeyedIdInput, { description: "ID of the schedule (`sch_…`)." }) input: KeyedIdInput,
    @Ctx() ctx: Context,
  ): Promise<RunScheduleNowPayload> {
    const { row, run } = await runScheduleNow(ctx, input);
    return { schedule: toSchedule(row), run: toScheduleRun(run) };
  }

  @Mutation(() => BackfillSchedulePayload, {
    description:
      "Starts the missed runs of a period, oldest first and on behalf of the schedule's owner. Planned times that had a run are not repeated. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("schedule.manage"))
  async backfillSchedule(
    @Arg("input", () => BackfillScheduleInput) input: BackfillScheduleInput,
    @Ctx() ctx: Context,
  ): Promise<BackfillSchedulePayload> {
    const { row, count } = await backfillSchedule(ctx, input);
    return { schedule: toSchedule(row), count };
  }
}

@Resolver(() => Schedule)
export class ScheduleRunsResolver {
  @FieldResolver(() => [PlannedRun], {
    description: "The next planned runs. Empty if the schedule is paused without an end, or has ended.",
  })
  @SizedBy({ by: ["first"], initial: 10, maximum: 100 })
  async nextRuns(
    @Root() { row }: Schedule,
    @Arg("first", () => Int, { nullable: true, description: "Number of runs (default 10, maximum 100)." }) first: number | null | undefined,
    @Ctx() { computing }: Context,
  ): Promise<PlannedRun[]> {
    const count = nextCount(first);
    const isPlanned = row.status === "ACTIVE" || row.pausedUntil !== null;
    if (!isPlanned || row.nextPlannedAt === null) return [];
    const after = Date.parse(row.nextPlannedAt) - 1;
    // A page of schedules computes thousands of times, and must not keep others waiting.
    return (await computing.run(() => nextOccurrences(planOf(row), after, count))).map(toPlannedRun);
  }

  @FieldResolver(() => ScheduleRunConnection, { description: "The runs, latest planned time first." })
  runs(
    @Root() { row }: Schedule,
    @Arg("status", () => ScheduleRunStatus, { nullable: true, description: "Only runs with this status." }) status:
      | ScheduleRunStatus
      | null
      | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<ScheduleRun>> {
    return listRuns(ctx, row.id, status ?? null, page);
  }
}

@Resolver(() => ScheduleRun)
export class ScheduleRunResolver {
  @FieldResolver()
  async instance(@Root() { instanceId }: ScheduleRun, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return instanceId === null ? null : loadInstance(ctx, instanceId);
  }
}

export const scheduleModule: SubgraphModule = {
  resolvers: { automation: [ScheduleResolver, ScheduleRunResolver, ScheduleRunsResolver] },
  references: { Schedule: referencesEach(loadSchedule) },
};
