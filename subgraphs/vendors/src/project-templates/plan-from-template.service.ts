import type { ProjectTemplateContent, TemplateTime } from "@weft/drizzle";
import { readCalendars, readNow } from "@weft/engine";
import { BadUserInput, quote } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { isDay } from "@weft/api/inputs";
import { addDays } from "../due-days/days.js";
import { addMilestones } from "../milestones/milestone.service.js";
import { incrementPlan } from "../project-tasks/plan.service.js";
import { planTimeProblems } from "../project-tasks/project-task-problems.js";
import { findTemplate } from "./project-template.store.js";
import { insertDependencies, insertTasks, resolveTimes } from "./plan-from-template.store.js";

/** Returns the content of a template that an input references. @throws BadUserInput if it does not exist */
export async function getTemplateOfInput(tx: Tx, id: string, path: string): Promise<ProjectTemplateContent> {
  const template = await findTemplate(tx, decodeId("projectTemplate", id, path));
  if (template !== null) return template.content;
  throw new BadUserInput([{ path, message: `No template with the ID ${quote(id)} exists.` }]);
}

interface Target {
  readonly projectId: string;
  /** First day of the project. */
  readonly day: string;
}

/**
 * Plans a new project from a template: its tasks, their dependencies, and its milestones. The number of statements does not depend on the template, apart
 * from batches of a thousand tasks.
 * @throws BadUserInput if a date would be outside of the range of plans
 */
export async function planFromTemplate(ctx: Context, tx: Tx, template: ProjectTemplateContent, { projectId, day }: Target): Promise<void> {
  const { tenantId, userId } = ctx.viewer;
  const { standard, named } = await readCalendars(tx, { tenantId, teamId: null });
  const { plan, tasks, dependencies, milestones } = template;
  // A calendar that the configuration no longer has is that of the organization.
  const calendarOf = (name: string | null): string | null => (name !== null && named.has(name) ? name : null);
  const atOf = await timesOf(tx, template, { day, timeZone: standard.timeZone });
  const { direction, calendar, start, finish } = plan;
  const startAt = atOf(start ?? { day: 0, time: "00:00:00" });
  await incrementPlan(tx, projectId, { direction, calendar: calendarOf(calendar), startAt, finishAt: atOf(finish) });
  const now = await readNow(tx);
  const ids = tasks.map(() => newId());
  const idOf = (place: number): string => ids[place] ?? "";
  const about = { tenantId, projectId, createdAt: now, updatedAt: now };
  const newTasks = await insertTasks(
    tx,
    tasks.map(({ parent, constraint, deadline, ...task }, place) => ({
      ...task,
      ...about,
      id: idOf(place),
      parentId: parent === null ? null : idOf(parent),
      constraintAt: atOf(constraint),
      deadlineAt: atOf(deadline),
      calendar: calendarOf(task.calendar),
      createdBy: userId,
    })),
  );
  const newDependencies = await insertDependencies(
    tx,
    dependencies.map(({ predecessor, successor, ...edge }) => ({
      ...edge,
      ...about,
      id: newId(),
      predecessorId: idOf(predecessor),
      successorId: idOf(successor),
    })),
  );
  const related = { project: projectId };
  const payload = {};
  await appendEvents(tx, ctx.meta, [
    ...newTasks.map(({ id }) => ({ type: "projectTask.created" as const, subjectId: id, subjectVersion: 1, related, payload })),
    ...newDependencies.map(({ id, successorId }) => ({
      type: "taskDependency.created" as const,
      subjectId: id,
      subjectVersion: 1,
      related: { ...related, projectTask: successorId },
      payload,
    })),
  ]);
  await writeAudit(tx, ctx.meta, [
    ...newTasks.map((row) => ({
      action: "projectTask.create",
      entityType: "projectTask" as const,
      entityId: row.id,
      before: null,
      after: row,
    })),
    ...newDependencies.map((row) => ({
      action: "taskDependency.create",
      entityType: "taskDependency" as const,
      entityId: row.id,
      before: null,
      after: row,
    })),
  ]);
  await addMilestones(
    ctx,
    tx,
    milestones.map(({ name, description, day: after, tasks: places }) => ({
      projectId,
      name,
      description,
      dueOn: dayAfter(day, after),
      ownerId: userId,
      taskIds: places.map(idOf),
    })),
  );
}

/** @throws BadUserInput if the day of a milestone would not be in the years 1 to 9999 */
function dayAfter(firstDay: string, days: number): string {
  const day = addDays(firstDay, days);
  if (isDay(day)) return day;
  const message = `A milestone of the template is ${days} days from the first day, which is outside the years 1 to 9999. Use another first day.`;
  throw new BadUserInput([{ path: "input.startsOn", message }]);
}

type TimeOf = (time: TemplateTime | null) => string | null;

/** Reads the times of a template, for a project that begins on a day. @throws BadUserInput if one is outside of the range of plans */
async function timesOf(
  tx: Tx,
  { plan, tasks }: ProjectTemplateContent,
  from: { readonly day: string; readonly timeZone: string },
): Promise<TimeOf> {
  const keyOf = ({ day, time }: TemplateTime): string => `${day} ${time}`;
  const all = [
    { day: 0, time: "00:00:00" },
    plan.start,
    plan.finish,
    ...tasks.flatMap(({ constraint, deadline }) => [constraint, deadline]),
  ];
  const distinct = new Map(all.flatMap((time) => (time === null ? [] : [[keyOf(time), time] as const])));
  const resolved = await resolveTimes(tx, [...distinct.values()], from);
  const [problem] = resolved.flatMap((at) => planTimeProblems("input.startsOn", at));
  if (problem !== undefined) throw new BadUserInput([problem]);
  const byKey = new Map([...distinct.keys()].map((key, index) => [key, resolved[index] ?? null]));
  return (time) => (time === null ? null : (byKey.get(keyOf(time)) ?? null));
}
