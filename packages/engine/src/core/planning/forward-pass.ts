/** The forward pass: from the first tasks to the last, the earliest finish of each, given where its predecessors are. */
import type { CompiledPlan, CompiledTask } from "./compile.js";
import { emptyDates, finishOf, place, startOf, type Dates } from "./dates.js";
import { at, neighborsOf } from "./network.js";
import type { PlanDependency } from "./plan.js";
import { addLag } from "./working-line.js";

/** Returns the position at which a task should finish, given the earliest one that is possible. */
export type ChooseEarly = (node: number, earliest: number) => number;

/** @param earliestStart no task that has not begun starts earlier */
export function forwardPass(plan: CompiledPlan, earliestStart: number, choose: ChooseEarly = (_node, earliest) => earliest): Dates {
  const { network, tasks, project } = plan;
  const { first, nodes, links } = network.incoming;
  const dates = emptyDates(plan);
  const startFloors = new Float64Array(network.size);
  const finishFloors = new Float64Array(network.size);
  for (const node of network.order) {
    const task = tasks[node];
    if (!task) {
      latestOf(dates, node, neighborsOf(network.incoming, node));
      continue;
    }
    let { startFloor, finishFloor } = task;
    startFloor = Math.max(startFloor, earliestStart);
    for (let edge = at(first, node); edge < at(first, node + 1); edge++) {
      const from = at(nodes, edge);
      const dependency = network.dependencies[at(links, edge)];
      if (dependency === undefined) {
        startFloor = Math.max(startFloor, startFloors[from] ?? -Infinity);
        finishFloor = Math.max(finishFloor, finishFloors[from] ?? -Infinity);
        continue;
      }
      const bound = addLag(project, endOf(dates, from, dependency), dependency.lagMinutes);
      if (bindsStart(dependency)) startFloor = Math.max(startFloor, bound);
      else finishFloor = Math.max(finishFloor, bound);
    }
    startFloors[node] = startFloor;
    finishFloors[node] = finishFloor;
    if (!network.isSummary[node]) place(dates, node, task, choose(node, earliestFinish(task, startFloor, finishFloor)));
  }
  return dates;
}

function earliestFinish({ line, duration, actualStart, actualFinish }: CompiledTask, startFloor: number, finishFloor: number): number {
  if (actualFinish !== null) return line.positionAt(actualFinish);
  const start = line.positionAt(actualStart ?? startFloor) + duration;
  return finishFloor === -Infinity ? start : Math.max(start, line.positionAt(finishFloor));
}

/** The exit of a summary task: its dependencies apply to all its children, so its start is that of its last child to start. */
function latestOf({ starts, finishes }: Dates, node: number, children: Int32Array): void {
  let [start, finish] = [-Infinity, -Infinity];
  for (const child of children) {
    start = Math.max(start, starts[child] ?? -Infinity);
    finish = Math.max(finish, finishes[child] ?? -Infinity);
  }
  starts[node] = start;
  finishes[node] = finish;
}

/** Whether a dependency ties the start of the successor, rather than its finish. */
export const bindsStart = ({ kind }: PlanDependency): boolean => kind === "FS" || kind === "SS";

/** Whether a dependency counts from the start of the predecessor, rather than from its finish. */
export const fromStart = ({ kind }: PlanDependency): boolean => kind === "SS" || kind === "SF";

/** Returns the date of a predecessor from which a dependency counts. */
export const endOf = (dates: Dates, node: number, dependency: PlanDependency): number =>
  fromStart(dependency) ? startOf(dates, node) : finishOf(dates, node);
