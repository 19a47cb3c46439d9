import { type Bucket, bucketsBetween, type Calendar, capacityOf, readCalendars, spreadWork } from "@weft/engine";
import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { isOfVendor } from "@weft/platform/access";
import type { Context } from "@weft/api/context";
import { assertDay } from "@weft/api/inputs";
import { findSchedule, getSchedule, type PlannedProject } from "../project-schedule/planned-project.js";
import { loadPlannedProject, loadReachedPlan } from "../project-schedule/planned-project.loader.js";
import { estimatesOf, workOf } from "../project-schedule/work-of.js";
import { readTasksOf, type Worker } from "../project-tasks/project-task.service.js";
import { User } from "../references.js";
import { findVendors } from "../vendors/vendor.service.js";
import { isUser } from "./workload.store.js";
import { Workload, type WorkloadArgs, WorkloadBucket } from "./workload.type.js";

const maxBuckets = { DAY: 366, WEEK: 106 } as const;

/**
 * Returns the workload in a project: of each user and each vendor with tasks, and of the tasks without an assignee. The calendar is that of the plan.
 * @throws NotFound, BadUserInput (days, too many buckets, a plan without a schedule)
 */
export async function projectWorkload(ctx: Context, id: string, args: WorkloadArgs): Promise<Workload[]> {
  const buckets = bucketsOf(args);
  const planned = await loadReachedPlan(ctx, decodeId("project", id, "projectId"));
  if (planned === null) throw new NotFound("Project", id);
  getSchedule(planned);
  const days = planned.plan.calendars.standard;
  const minutes = minutesByTask(planned, buckets, days);
  const byWorker = Map.groupBy(minutes, ([taskId]) => {
    const { assigneeUserId = null, assigneeVendorId = null } = planned.tasks.get(taskId) ?? {};
    return `${assigneeUserId ?? ""} ${assigneeVendorId ?? ""}`;
  });
  return [...byWorker].map(([key, tasks]) => {
    const [userId = "", vendorId = ""] = key.split(" ");
    return workloadOf(
      { userId: userId || null, vendorId: vendorId || null },
      sumOf(
        tasks.map(([, row]) => row),
        buckets,
      ),
      { buckets, days },
    );
  });
}

/** Returns the workload of a user in all projects whose tasks the viewer can see. @throws NotFound, BadUserInput */
export async function userWorkload(ctx: Context, id: string, args: WorkloadArgs): Promise<Workload> {
  const userId = decodeId("user", id, "userId");
  if (!(await ctx.read((tx) => isUser(tx, userId)))) throw new NotFound("User", id);
  return workerLoad(ctx, { userId }, args);
}

/**
 * Returns the workload of a vendor in all projects whose tasks the viewer can see. A vendor's user sees the planned dates of the vendor's tasks anyway.
 * @throws NotFound (also another vendor, for a vendor's user), BadUserInput
 */
export async function vendorWorkload(ctx: Context, id: string, args: WorkloadArgs): Promise<Workload> {
  const vendorId = decodeId("vendor", id, "vendorId");
  const vendors = await ctx.read((tx) => findVendors(tx, ctx, [vendorId]));
  if (!vendors.has(vendorId) || (isOfVendor(ctx.viewer) && ctx.viewer.vendorId !== vendorId)) throw new NotFound("Vendor", id);
  return workerLoad(ctx, { vendorId }, args);
}

/** Plans without a schedule have no dates, so their work is left out. */
async function workerLoad(ctx: Context, worker: Worker, args: WorkloadArgs): Promise<Workload> {
  const buckets = bucketsOf(args);
  const { tenantId } = ctx.viewer;
  const [rows, calendars] = [
    await ctx.read((tx) => readTasksOf(tx, ctx, worker)),
    await ctx.read((tx) => readCalendars(tx, { tenantId, teamId: null })),
  ];
  const wanted = new Set(rows.map((row) => row.id));
  const plans = await Promise.all([...new Set(rows.map((row) => row.projectId))].map((projectId) => loadPlannedProject(ctx, projectId)));
  const days = calendars.standard;
  const minutes = plans
    .flatMap((planned) => (planned ? minutesByTask(planned, buckets, days) : []))
    .filter(([taskId]) => wanted.has(taskId));
  const of = { userId: "userId" in worker ? worker.userId : null, vendorId: "vendorId" in worker ? worker.vendorId : null };
  return workloadOf(
    of,
    sumOf(
      minutes.map(([, row]) => row),
      buckets,
    ),
    { buckets, days },
  );
}

type Minutes = readonly number[];

function minutesByTask(planned: PlannedProject, buckets: readonly Bucket[], days: Calendar): [string, Minutes][] {
  const schedule = findSchedule(planned);
  const work = workOf(planned.plan, estimatesOf(planned.tasks.values()));
  const workOfTask = (taskId: string): number => work.byTask.get(taskId) ?? 0;
  return schedule === null ? [] : [...spreadWork(planned.plan, schedule, { buckets, days, workOf: workOfTask })];
}

const sumOf = (rows: readonly Minutes[], buckets: readonly Bucket[]): Minutes =>
  buckets.map((_, index) => rows.reduce((sum, row) => sum + (row[index] ?? 0), 0));

function workloadOf(
  { userId, vendorId }: { readonly userId: string | null; readonly vendorId: string | null },
  minutes: Minutes,
  { buckets, days }: { readonly buckets: readonly Bucket[]; readonly days: Calendar },
): Workload {
  const capacity = capacityOf(days, buckets);
  const isAssigned = userId !== null || vendorId !== null;
  return Object.assign(new Workload(), {
    user: User.ofOrNull(userId),
    vendorId,
    plannedMinutes: minutes.reduce((sum, each) => sum + each, 0),
    buckets: buckets.map((bucket, index) => {
      const [plannedMinutes, capacityMinutes] = [minutes[index] ?? 0, capacity[index] ?? 0];
      return Object.assign(new WorkloadBucket(), {
        ...bucket,
        plannedMinutes,
        capacityMinutes,
        isOverallocated: isAssigned && plannedMinutes > capacityMinutes,
      });
    }),
  });
}

/** @throws BadUserInput */
function bucketsOf({ from, until, per }: WorkloadArgs): Bucket[] {
  assertDay(from, "from");
  assertDay(until, "until");
  if (until < from) throw new BadUserInput([{ path: "until", message: `The last day ${until} is before the first day ${from}.` }]);
  const days = (Date.parse(until) - Date.parse(from)) / 86_400_000 + 1;
  const max = maxBuckets[per];
  const count = per === "DAY" ? days : Math.ceil(days / 7);
  if (count > max) {
    const message = `At most ${max} ${per === "DAY" ? "days" : "weeks"} can be shown, not ${count}. Choose an earlier last day.`;
    throw new BadUserInput([{ path: "until", message }]);
  }
  return bucketsBetween(from, until, per);
}
