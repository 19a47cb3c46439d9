/** The critical path: back from the last critical task to finish, each time to a critical predecessor that determines the date. */
import type { CompiledPlan, CompiledTask } from "./compile.js";
import { finishOf, positionOf, startOf, type Dates } from "./dates.js";
import { bindsStart, endOf, fromStart } from "./forward-pass.js";
import { at, neighborsOf } from "./network.js";
import type { PlanDependency } from "./plan.js";
import { addLag } from "./working-line.js";

/** Returns task nodes, the first to start first. Of several predecessors, it takes the one whose dependency is first in the plan. */
export function criticalPathOf(plan: CompiledPlan, early: Dates, isCritical: readonly boolean[]): number[] {
  const lastOf = lastCriticalOf(plan, early, isCritical);
  const path: number[] = [];
  for (let node = lastTask(plan, early, isCritical); node !== null; node = driverOf(plan, early, lastOf, node)) path.push(node);
  return path.reverse();
}

/** Of several that finish at the same time, one that none of the others follows: a milestone at the end rather than the task before it. */
function lastTask({ network }: CompiledPlan, early: Dates, isCritical: readonly boolean[]): number | null {
  let last: number | null = null;
  for (const node of network.order) {
    if (isCritical[node] && (last === null || finishOf(early, node) >= finishOf(early, last))) last = node;
  }
  return last;
}

/** Returns the critical task below a node with the latest early start or finish; null if there is none. */
type LastCritical = (node: number, dependency: PlanDependency) => number | null;

function lastCriticalOf({ network }: CompiledPlan, early: Dates, isCritical: readonly boolean[]): LastCritical {
  const starting: (number | null)[] = [];
  const finishing: (number | null)[] = [];
  const later = (dateOf: (dates: Dates, node: number) => number, one: number | null, other: number | null): number | null =>
    one === null || (other !== null && dateOf(early, other) > dateOf(early, one)) ? other : one;
  for (const node of network.order) {
    if (node < network.size) starting[node] = finishing[node] = isCritical[node] && !network.isSummary[node] ? node : null;
    else {
      const children = [...neighborsOf(network.incoming, node)];
      starting[node] = children.reduce<number | null>((last, child) => later(startOf, last, starting[child] ?? null), null);
      finishing[node] = children.reduce<number | null>((last, child) => later(finishOf, last, finishing[child] ?? null), null);
    }
  }
  return (node, dependency) => (fromStart(dependency) ? starting : finishing)[node] ?? null;
}

function driverOf(plan: CompiledPlan, early: Dates, lastOf: LastCritical, node: number): number | null {
  const { network, tasks, project } = plan;
  const { first, nodes, links } = network.incoming;
  const task = tasks[node];
  if (!task) return null;
  // Its own dependencies, then those of the summary tasks that contain it.
  for (let target = node; target >= 0; target = network.parents[target] ?? -1) {
    for (let edge = at(first, target); edge < at(first, target + 1); edge++) {
      const dependency = network.dependencies[at(links, edge)];
      const driver = dependency ? lastOf(at(nodes, edge), dependency) : null;
      if (dependency === undefined || driver === null) continue;
      const bound = addLag(project, endOf(early, driver, dependency), dependency.lagMinutes);
      if (isTight(task, dependency, bound, positionOf(early, node))) return driver;
    }
  }
  return null;
}

function isTight({ line, duration, actualStart }: CompiledTask, dependency: PlanDependency, bound: number, finish: number): boolean {
  if (!bindsStart(dependency)) return line.positionAt(bound) === finish;
  return actualStart === null && line.positionAt(bound) + duration === finish;
}
