import type { DependencyKind, Plan, PlanDependency, PlanTask, Schedule, ScheduledTask, TimeSpan } from "./plan.js";

/** A row of a Gantt chart. Clients can draw it themselves, or take the SVG. */
export type GanttRow = {
  readonly taskId: string;
  readonly name: string;
  /** Number of summary tasks that contain it. */
  readonly depth: number;
  readonly isSummary: boolean;
  readonly isMilestone: boolean;
  readonly isCritical: boolean;
  /** 0 to 100. */
  readonly percentComplete: number;
  readonly planned: TimeSpan;
  readonly baseline: TimeSpan | null;
  readonly deadlineAt: string | null;
};

/** An arrow from a date of one row to a date of another. Rows are given by their index. */
export type GanttLink = {
  readonly predecessorId: string;
  readonly successorId: string;
  readonly kind: DependencyKind;
  readonly fromRow: number;
  readonly toRow: number;
  readonly fromAt: string;
  readonly toAt: string;
  /** Whether it is a step of the critical path. */
  readonly isCritical: boolean;
};

export type GanttLayout = {
  readonly title: string;
  /** Everything in the chart is between the two, deadlines and baselines too. */
  readonly startAt: string;
  readonly finishAt: string;
  readonly rows: readonly GanttRow[];
  readonly links: readonly GanttLink[];
};

/** Returns the rows of a Gantt chart in the order of the tree, children below their summary task, and its links. */
export function layOutGantt(plan: Plan, schedule: Schedule): GanttLayout {
  const scheduled = new Map(schedule.tasks.map((task) => [task.taskId, task]));
  const rows = inTreeOrder(plan.tasks).flatMap(({ task, depth }): GanttRow[] => {
    const dates = scheduled.get(task.id);
    return dates ? [rowOf(task, dates, depth)] : [];
  });
  const places = new Map(rows.map(({ taskId }, index) => [taskId, index]));
  const critical = criticalLinks(plan, schedule);
  const links = plan.dependencies.flatMap((dependency): GanttLink[] => {
    const { predecessorId, successorId, kind } = dependency;
    const [from, to] = [scheduled.get(predecessorId), scheduled.get(successorId)];
    const [fromRow, toRow] = [places.get(predecessorId), places.get(successorId)];
    if (!from || !to || fromRow === undefined || toRow === undefined) return [];
    const fromAt = kind === "FS" || kind === "FF" ? from.finishAt : from.startAt;
    const toAt = kind === "FS" || kind === "SS" ? to.startAt : to.finishAt;
    return [{ predecessorId, successorId, kind, fromRow, toRow, fromAt, toAt, isCritical: critical.has(dependency) }];
  });
  return { title: plan.name, ...extentOf(schedule, rows), rows, links };
}

/** Returns the dependencies between tasks that follow each other in the critical path, and between summary tasks that contain them. */
function criticalLinks({ tasks, dependencies }: Plan, { criticalPath }: Schedule): ReadonlySet<PlanDependency> {
  const parents = new Map(tasks.map(({ id, parentId }) => [id, parentId]));
  const withParents = (id: string): Set<string> => {
    const ids = new Set<string>();
    for (let one: string | null = id; one !== null; one = parents.get(one) ?? null) ids.add(one);
    return ids;
  };
  const bySuccessor = Map.groupBy(dependencies, ({ successorId }) => successorId);
  const links = new Set<PlanDependency>();
  for (const [index, id] of criticalPath.slice(1).entries()) {
    const before = withParents(criticalPath[index] ?? "");
    for (const successorId of withParents(id)) {
      for (const link of bySuccessor.get(successorId) ?? []) if (before.has(link.predecessorId)) links.add(link);
    }
  }
  return links;
}

function rowOf({ id, name, baseline, deadlineAt }: PlanTask, dates: ScheduledTask, depth: number): GanttRow {
  const { isSummary, isMilestone, isCritical, percentComplete, startAt, finishAt } = dates;
  return {
    taskId: id,
    name,
    depth,
    isSummary,
    isMilestone,
    isCritical,
    percentComplete,
    planned: { startAt, finishAt },
    baseline,
    deadlineAt,
  };
}

/** With a stack of its own, so that no depth of the tree exhausts the call stack. */
function inTreeOrder(tasks: readonly PlanTask[]): { readonly task: PlanTask; readonly depth: number }[] {
  const children = Map.groupBy(tasks, ({ parentId }) => parentId);
  const below = (id: string | null, depth: number) => (children.get(id) ?? []).map((task) => ({ task, depth })).reverse();
  const ordered: { readonly task: PlanTask; readonly depth: number }[] = [];
  const stack = below(null, 0);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    ordered.push(next);
    for (const child of below(next.task.id, next.depth + 1)) stack.push(child);
  }
  return ordered;
}

function extentOf({ startAt, finishAt }: Schedule, rows: readonly GanttRow[]): TimeSpan {
  let [start, finish] = [Date.parse(startAt), Date.parse(finishAt)];
  for (const { planned, baseline, deadlineAt } of rows) {
    const dates = [planned.startAt, planned.finishAt, baseline?.startAt ?? startAt, baseline?.finishAt ?? startAt, deadlineAt ?? startAt];
    for (const date of dates) {
      start = Math.min(start, Date.parse(date));
      finish = Math.max(finish, Date.parse(date));
    }
  }
  return { startAt: new Date(start).toISOString(), finishAt: new Date(finish).toISOString() };
}
