/** Decides which open tasks are kept, changed, closed and opened when an instance migrates to another version of its definition. */
import { contextOfDraft, type Draft } from "../outcome/draft.js";
import type { Machine, MachineState, TaskRule } from "../model/machine.js";
import type { TaskPriority } from "../model/priority.js";
import { openedBy, openTasks } from "../outcome/open-tasks.js";
import { isOfStep } from "../tasks/step-rule.js";
import { canonicalText } from "../model/values.js";
import type { TaskToOpen } from "../model/outcome.js";
import type { SnapshotTask } from "../model/snapshot.js";
import type { MigrationMapping } from "./mapping.js";

/** An open task as it is read for a migration. */
export type MigratingTask = SnapshotTask & { readonly openedAt: string; readonly dueAt: string | null };

/** The changes to an open task that is kept. Members that are null do not change. */
export type TaskChange = {
  readonly id: string;
  readonly rule: string;
  readonly state: string;
  readonly title: string | null;
  /** Present if it changes; null: removed. */
  readonly dueAt?: string | null;
  readonly priority: TaskPriority | null;
  readonly checklist: readonly string[] | null;
  readonly candidates: TaskToOpen["candidates"] | null;
};

export type TaskPlan = {
  /** The kept tasks whose row changes. */
  readonly changed: readonly TaskChange[];
  readonly kept: readonly MigratingTask[];
  readonly gained: readonly TaskToOpen[];
  readonly lost: readonly MigratingTask[];
};

export type Stand = {
  readonly from: { readonly machine: Machine | null; readonly state: string; readonly draft: () => Draft | null };
  readonly to: { readonly machine: Machine; readonly state: MachineState; readonly draft: (now?: string) => Draft };
  readonly mapping: MigrationMapping;
  readonly tasks: readonly MigratingTask[];
};

/** Problems of tasks that are opened (unknown users, invalid time) are collected in the given drafts. */
export function planTasks({ from, to, mapping, tasks }: Stand, problems: Draft["problems"]): TaskPlan {
  const entered = new Map(rulesOfEntry(to.state).map((rule) => [rule.rule, rule]));
  const left = new Set(rulesOfEntry(from.machine?.states.get(from.state)).map(({ rule }) => rule));
  const nameOf = (rule: string): string =>
    mapping.tasks.get(rule) ?? (rule === from.state && entered.has(to.state.name) && !entered.has(rule) ? to.state.name : rule);
  const changed: TaskChange[] = [];
  const kept: MigratingTask[] = [];
  const lost: MigratingTask[] = [];
  for (const task of tasks) {
    // Its run goes on with the steps that it was started with.
    if (isOfStep(task)) {
      kept.push(task);
      continue;
    }
    const old = from.machine?.tasks.get(task.rule);
    const next = to.machine.tasks.get(nameOf(task.rule));
    const belongs = next && (next.lifetime === "instance" || entered.has(next.rule) || (from.machine !== null && !left.has(task.rule)));
    const opened = belongs && isOfSameWay(old, next) ? openedCopy(next, to.draft(task.openedAt), problems, task.copy ?? 1) : undefined;
    if (!next || !opened) {
      lost.push(task);
      continue;
    }
    kept.push(task);
    const change = changeOf(task, { old, next, opened, state: next.lifetime === "instance" ? task.state : to.state.name });
    if (change) changed.push(change);
  }
  return { changed, kept, lost, gained: gainedOf({ from, to, entered, nameOf, tasks, kept }, problems) };
}

/** Whether both rules choose users in the same way. If not, their tasks are different tasks. */
function isOfSameWay(old: TaskRule | undefined, next: TaskRule): boolean {
  const way = ({ each, candidates }: TaskRule) => canonicalText([each, candidates.from, candidates.route]);
  if (old) return way(old) === way(next);
  return next.each === null && next.candidates.from.length === 0 && next.candidates.route === null;
}

function changeOf(
  task: MigratingTask,
  { old, next, opened, state }: { old: TaskRule | undefined; next: TaskRule; opened: TaskToOpen; state: string },
): TaskChange | null {
  const differs = (part: (rule: TaskRule) => unknown): boolean => !old || canonicalText(part(old)) !== canonicalText(part(next));
  const title = differs((rule) => rule.title.source) && opened.title !== task.title ? opened.title : null;
  const isDueAnew = differs((rule) => rule.due) && !isSameMoment(opened.dueAt, task.dueAt);
  const priority = differs((rule) => rule.priority) ? next.priority : null;
  const checklist = differs((rule) => rule.checklist) ? next.checklist : null;
  const candidates = differs((rule) => rule.candidates) ? opened.candidates : null;
  const isRenamed = next.rule !== task.rule || state !== task.state;
  if (!isRenamed && !isDueAnew && title === null && priority === null && checklist === null && candidates === null) return null;
  return { id: task.id, rule: next.rule, state, title, ...(isDueAnew && { dueAt: opened.dueAt }), priority, checklist, candidates };
}

const isSameMoment = (one: string | null, other: string | null): boolean =>
  one === other || (one !== null && other !== null && Date.parse(one) === Date.parse(other));

type Gain = Pick<Stand, "from" | "to" | "tasks"> & {
  readonly entered: ReadonlyMap<string, TaskRule>;
  readonly nameOf: (rule: string) => string;
  readonly kept: readonly MigratingTask[];
};

/**
 * Returns the tasks that the new state opens, without those that are open, and without those that the old state had opened and somebody has
 * completed.
 */
function gainedOf({ from, to, entered, nameOf, tasks, kept }: Gain, problems: Draft["problems"]): TaskToOpen[] {
  const keyOf = (rule: string, copy: number | undefined): string => `${rule}#${copy ?? 1}`;
  const stillOpen = new Set(kept.map((task) => keyOf(nameOf(task.rule), task.copy)));
  const wereOpen = new Set(tasks.map((task) => keyOf(nameOf(task.rule), task.copy)));
  const before = from.draft();
  for (const rule of rulesOfEntry(from.machine?.states.get(from.state))) if (before) openTasks(before, rule, contextOfDraft(before));
  const done = new Set((before?.openTasks ?? []).map(({ rule, copy }) => keyOf(nameOf(rule), copy)).filter((key) => !wereOpen.has(key)));
  const draft = to.draft();
  for (const rule of entered.values()) openTasks(draft, rule, contextOfDraft(draft));
  problems.push(...draft.problems);
  return openedBy(draft).filter(({ rule, copy }) => !stillOpen.has(keyOf(rule, copy)) && !done.has(keyOf(rule, copy)));
}

function openedCopy(rule: TaskRule, draft: Draft, problems: Draft["problems"], copy: number): TaskToOpen | undefined {
  openTasks({ ...draft, stillOpen: new Map() }, rule, contextOfDraft(draft));
  problems.push(...draft.problems);
  return openedBy(draft).find((task) => task.copy === copy);
}

function rulesOfEntry(state: MachineState | undefined): TaskRule[] {
  return (state?.onEntry ?? []).flatMap((action) => (action.kind === "openTask" ? [action.task] : []));
}
