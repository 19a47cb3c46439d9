/** Decides what a task rule opens: how many tasks, for whom, and with which deadline. Everything is read from the draft. */
import { isSamePrincipal, type Principal } from "../model/actor.js";
import { calendarsOf, type Context } from "../conditions/context.js";
import { evaluateOperand } from "../conditions/evaluate.js";
import { pathText, type Operand } from "../model/condition.js";
import { calendarNamed } from "../calendar/compile.js";
import { readMoment } from "../calendar/durations.js";
import { addPeriod } from "../calendar/periods.js";
import type { Calendar } from "../model/calendar.js";
import type { Due, TaskRule } from "../model/machine.js";
import type { Draft } from "./draft.js";
import type { TaskToOpen } from "../model/outcome.js";
import { quote } from "../model/problems.js";
import { taskTimers } from "../timers/set.js";
import { renderTemplate } from "../tasks/templates.js";
import { MAX_COPIES, MAX_OPENED } from "../votes/votes.js";

/** Opens the tasks of a rule. Invalid data (no IDs, no date-time, too many) becomes problems of the draft. */
export function openTasks(draft: Draft, task: TaskRule, context: Context): void {
  const { rule, candidates } = task;
  // A task that outlives states is opened once: entering its state again does not open another one.
  if (task.lifetime === "instance" && [...draft.stillOpen.values()].some((open) => open.rule === rule)) return;
  const { ownerId } = draft.subject;
  const named: (Principal | "assignee")[] = [
    ...candidates.users.map((id): Principal => ({ type: "user", id })),
    ...candidates.teams.map((id): Principal => ({ type: "team", id })),
    ...(candidates.owner && ownerId !== null ? [{ type: "user", id: ownerId } as const] : []),
    ...(candidates.assignee ? (["assignee"] as const) : []),
  ];
  const given = candidates.from.flatMap((operand) => principalsAt(draft, operand, context, ["user", "team"]));
  const copies = task.each ? copiesFor(draft, task.each, context) : Array.from({ length: task.count }, () => []);
  if (draft.openTasks.length + copies.length > MAX_OPENED) {
    draft.problems.push({
      path: "data",
      message: `More than ${MAX_OPENED} tasks would be opened at once, most of them by the task ${quote(rule)}.`,
    });
    return;
  }
  const dueAt = task.due && dueOf(draft, task.due, context);
  const timers = task.timers.size === 0 ? [] : taskTimers(task, { state: draft.state, at: draft.now, context, dueAt });
  const title = renderTemplate(task.title, context);
  const isFromData = candidates.from.length > 0 || task.each !== null;
  for (const [index, own] of copies.entries()) {
    draft.openTasks.push({
      rule,
      state: draft.state,
      title,
      copy: index + 1,
      vote: task.vote,
      dueAt,
      priority: task.priority,
      checklist: task.checklist,
      route: candidates.route,
      isFromData,
      ...(timers.length > 0 && { timers }),
      candidates: { roles: candidates.roles, principals: [...named, ...given, ...own] },
    });
  }
}

/** Returns the tasks that a draft opens, for the assignee that it has now. */
export const openedBy = ({ openTasks: opened, subject: { assignee }, isAssigned }: Draft): TaskToOpen[] =>
  opened.map(({ candidates: { roles, principals }, ...task }) => {
    const all = principals.flatMap((one) => (one === "assignee" ? (assignee ?? []) : one));
    const ids = (type: Principal["type"]): string[] => [...new Set(all.flatMap((one) => (one.type === type ? [one.id] : [])))];
    return {
      ...task,
      isFromData: task.isFromData || (isAssigned && principals.includes("assignee")),
      candidates: { roles, users: ids("user"), teams: ids("team"), vendors: ids("vendor") },
    };
  });

/** Returns one copy for each user of the list, in its order. A user who is listed twice gets one task. */
function copiesFor(draft: Draft, each: Operand, context: Context): readonly (readonly Principal[])[] {
  const people = principalsAt(draft, each, context, ["user"]);
  return [...new Map(people.map((one) => [one.id, [one]])).values()];
}

/** Assigns the instance to the user or the team whose ID a value is; to nobody if it is absent. Anything else becomes a problem of the draft. */
export function assignTo(draft: Draft, to: Operand, context: Context): void {
  const value = evaluateOperand(to, context) ?? null;
  if (Array.isArray(value)) {
    const place = "path" in to ? pathText(to.path) : "data";
    draft.problems.push({ path: place, message: "Expected the ID of one user or team, found a list." });
    return;
  }
  const [found] = value === null ? [] : principalsAt(draft, to, context, ["user", "team"]);
  if (value !== null && !found) return;
  const { vendorId } = draft.actor.principals;
  if (vendorId !== null && found?.type === "user" && found.id === draft.actor.id) {
    // They get work through their vendor, which has it, or must be assigned by a user of the organization.
    if (isSamePrincipal(draft.subject.assignee, { type: "vendor", id: vendorId })) return;
    draft.problems.push({ path: "data", message: "A user of a vendor cannot be assigned the work of others: assign it to the vendor." });
    return;
  }
  draft.subject = { ...draft.subject, assignee: found ?? null };
  draft.isAssigned = true;
}

/** Returns the users and teams whose IDs a value is, or contains in a list. None if the value is absent. */
function principalsAt(draft: Draft, operand: Operand, context: Context, types: readonly ("user" | "team")[]): Principal[] {
  const value = evaluateOperand(operand, context) ?? [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const place = "path" in operand ? pathText(operand.path) : "data";
  if (list.length > MAX_COPIES) {
    draft.problems.push({ path: place, message: `There are ${list.length} entries; tasks are opened for at most ${MAX_COPIES}.` });
    return [];
  }
  return list.flatMap((id, index): Principal[] => {
    const found = types.flatMap((type): Principal[] => {
      const uuid = typeof id !== "string" || id === "" ? null : draft.readId ? draft.readId(type, id) : id;
      return uuid === null ? [] : [{ type, id: uuid }];
    });
    const path = Array.isArray(value) ? `${place}[${index}]` : place;
    if (found.length === 0) draft.problems.push({ path, message: `Expected the ID of a ${types.join(" or a ")}, found ${quote(id)}.` });
    return found.slice(0, 1);
  });
}

/** An absent value sets no deadline. */
function dueOf(draft: Draft, due: Due, context: Context): string | null {
  const calendar = calendarNamed(calendarsOf(context), due.calendar);
  if ("after" in due) {
    const moment = addPeriod(calendar, draft.now, due.after);
    if (moment === null) draft.problems.push({ path: "data", message: tooLittleWorkingTime(calendar, due) });
    return moment;
  }
  const value = evaluateOperand(due.at, context) ?? null;
  const moment = typeof value === "string" ? readMoment(value, calendar.timeZone) : null;
  if (value !== null && moment === null) {
    const path = "path" in due.at ? pathText(due.at.path) : "data";
    draft.problems.push({ path, message: `Expected a date, or a time with a time zone, found ${quote(value)}.` });
  }
  return moment;
}

const tooLittleWorkingTime = ({ timeZone }: Calendar, { calendar }: Due): string =>
  `The calendar${calendar === null ? "" : ` ${quote(calendar)}`} (${timeZone}) has too little working time for the deadline within ten years. Add working hours to the configuration.`;
