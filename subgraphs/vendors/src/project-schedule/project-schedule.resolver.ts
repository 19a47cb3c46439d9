import { type GanttLayout, ganttSvg, layOutGantt, type Plan } from "@weft/engine";
import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { assertTimeZone } from "@weft/api/periods";
import { allOf, Allow, can, inherit, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { type BaselineTaskRow, loadCurrentBaselineTasks } from "../project-baselines/baseline.loader.js";
import { projectTaskLoader } from "../project-tasks/project-task.loader.js";
import { ProjectTask } from "../project-tasks/project-task.type.js";
import { loadVendor } from "../vendors/vendor.loader.js";
import { Vendor } from "../vendors/vendor.type.js";
import { overbookingsOf } from "./overbooking.service.js";
import { toOverbooking, VendorOverbooking } from "./overbooking.type.js";
import { type Direction, getSchedule } from "./planned-project.js";
import { loadReachedPlan } from "./planned-project.loader.js";
import { updateProjectPlan } from "./project-plan.service.js";
import { ScheduleDirection, toPlan, UpdateProjectPlanInput, ProjectPlanPayload } from "./project-plan.type.js";
import { ProjectSchedule, ScheduledTask, ScheduleViolation, toSchedule } from "./project-schedule.type.js";
import { shiftPreview } from "./shift-preview.service.js";
import { ShiftedTask, ShiftPreview, ShiftPreviewArgs } from "./shift-preview.type.js";

const task = "The project task. Null if it was deleted in the meantime.";
const readsPlans = allOf(staff, can("projectTask.read"));

@Resolver(() => ProjectSchedule)
export class ProjectScheduleResolver {
  @Query(() => ProjectSchedule, {
    nullable: true,
    description:
      "Schedule of a project, computed from its current plan. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID, a plan without a finish to schedule backward from, a calendar without working time).",
  })
  @Allow(readsPlans)
  async projectSchedule(
    @Arg("projectId", () => ID, { description: "ID of the project (`prj_…`)." }) projectId: string,
    @Arg("direction", () => ScheduleDirection, {
      nullable: true,
      description: "From where the dates are computed. By default as the plan says.",
    })
    direction: Direction | null,
    @Ctx() ctx: Context,
  ): Promise<ProjectSchedule> {
    const planned = await loadReachedPlan(ctx, decodeId("project", projectId, "projectId"));
    if (planned === null) throw new NotFound("Project", projectId);
    return toSchedule(planned, getSchedule(planned, direction ?? undefined));
  }

  @Query(() => ShiftPreview, {
    nullable: true,
    description:
      "What a change of a project task would do to the dates of all tasks. Provide exactly one of `startAt`, `byMinutes`, and `durationMinutes`. Nothing is written. Errors: NOT_FOUND, BAD_USER_INPUT (not exactly one change, a duration of a summary task, a plan without a schedule).",
  })
  @Allow(readsPlans)
  shiftPreview(@Args(() => ShiftPreviewArgs) args: ShiftPreviewArgs, @Ctx() ctx: Context): Promise<ShiftPreview> {
    return shiftPreview(ctx, args);
  }

  @FieldResolver(() => String, {
    description:
      "Gantt chart as SVG, with the dates in a time zone, and those of the current baseline below them. Errors: BAD_USER_INPUT (unknown time zone, width outside 300 to 5000).",
  })
  @Allow(inherit)
  async svg(
    @Root() { planned, schedule }: ProjectSchedule,
    @Arg("width", () => Int, { defaultValue: 1200, description: "Width in pixels (300 to 5000)." }) width: number,
    @Arg("timeZone", () => String, { nullable: true, description: "IANA name. By default the time zone of the plan's calendar." })
    timeZone: string | null,
    @Ctx() ctx: Context,
  ): Promise<string> {
    if (width < 300 || width > 5000) throw new BadUserInput([{ path: "width", message: `${width} is not between 300 and 5000.` }]);
    if (timeZone !== null) assertTimeZone(timeZone, "timeZone");
    const plan = withBaseline(planned.plan, await loadCurrentBaselineTasks(ctx, planned.head.id));
    return ganttSvg(withPublicIds(layOutGantt(plan, schedule)), {
      width,
      timeZone: timeZone ?? planned.plan.calendars.standard.timeZone,
    });
  }

  @FieldResolver(() => [VendorOverbooking], {
    description:
      "Days and weeks, from the present ones on, for which the vendors of its tasks have more assignments than their limits `perDay` and `perWeek` allow. Assignments beyond a limit are refused, but dates move.",
  })
  @Allow(inherit)
  async overbookings(@Root() { planned, schedule }: ProjectSchedule, @Ctx() ctx: Context): Promise<VendorOverbooking[]> {
    return (await overbookingsOf(ctx, planned, schedule)).map(toOverbooking);
  }

  @Mutation(() => ProjectPlanPayload, {
    description:
      "Changes the start, the finish, the direction, or the calendar of a project's plan. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (unknown calendar, a finish before the start).",
  })
  @Allow(allOf(staff, can("projectTask.update")))
  async updateProjectPlan(
    @Arg("input", () => UpdateProjectPlanInput) input: UpdateProjectPlanInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectPlanPayload> {
    return { plan: toPlan(await updateProjectPlan(ctx, input)) };
  }
}

function withBaseline(plan: Plan, rows: readonly BaselineTaskRow[]): Plan {
  const dates = new Map(rows.map(({ taskId, startAt, finishAt }) => [taskId, { startAt, finishAt }]));
  return { ...plan, tasks: plan.tasks.map((task) => ({ ...task, baseline: dates.get(task.id) ?? null })) };
}

/** The IDs become attributes of the SVG, by which clients find the tasks. */
const withPublicIds = ({ rows, links, ...layout }: GanttLayout): GanttLayout => ({
  ...layout,
  rows: rows.map((row) => ({ ...row, taskId: encodeId("projectTask", row.taskId) })),
  links: links.map((link) => ({
    ...link,
    predecessorId: encodeId("projectTask", link.predecessorId),
    successorId: encodeId("projectTask", link.successorId),
  })),
});

@Resolver(() => VendorOverbooking)
export class VendorOverbookingResolver {
  @FieldResolver(() => Vendor, { nullable: true, description: "The vendor. Null if you cannot see it." })
  @Allow(can("vendor.read"))
  vendor(@Root() { vendorId }: VendorOverbooking, @Ctx() ctx: Context): Promise<Vendor | null> {
    return loadVendor(ctx, vendorId);
  }
}

@Resolver(() => ScheduledTask)
export class ScheduledTaskResolver {
  @FieldResolver(() => ProjectTask, { nullable: true, description: task })
  @Allow(inherit)
  task(@Root() { taskId }: ScheduledTask, @Ctx() ctx: Context): Promise<ProjectTask | null> {
    return projectTaskLoader(ctx).load(taskId);
  }
}

@Resolver(() => ScheduleViolation)
export class ScheduleViolationResolver {
  @FieldResolver(() => ProjectTask, { nullable: true, description: task })
  @Allow(inherit)
  task(@Root() { taskId }: ScheduleViolation, @Ctx() ctx: Context): Promise<ProjectTask | null> {
    return projectTaskLoader(ctx).load(taskId);
  }
}

@Resolver(() => ShiftedTask)
export class ShiftedTaskResolver {
  @FieldResolver(() => ProjectTask, { nullable: true, description: task })
  @Allow(inherit)
  task(@Root() { taskId }: ShiftedTask, @Ctx() ctx: Context): Promise<ProjectTask | null> {
    return projectTaskLoader(ctx).load(taskId);
  }
}

export const projectScheduleModule: SubgraphModule = {
  resolvers: {
    projects: [ProjectScheduleResolver, ScheduledTaskResolver, ScheduleViolationResolver, VendorOverbookingResolver, ShiftedTaskResolver],
  },
};
