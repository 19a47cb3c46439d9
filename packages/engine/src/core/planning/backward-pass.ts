/** The backward pass: from the last tasks to the first, the latest finish of each, given where its successors are. */
import type { CompiledPlan, CompiledTask } from "./compile.js";
import { emptyDates, place, positionOf, type Dates } from "./dates.js";
import { bindsStart, fromStart } from "./forward-pass.js";
import { at } from "./network.js";
import { subtractLag } from "./working-line.js";

/** Returns the position at which a task should finish, given the latest one that its successors and the finish of the project allow. */
export type ChooseLate = (node: number, latest: number) => number;

export type BackwardOptions = {
  /** The finish of the project. */
  readonly to: number;
  /** The latest finish of a task by its own constraint and deadline; for a summary task, of its children. */
  readonly finishCapOf: (task: CompiledTask) => number;
  readonly choose: ChooseLate;
};

export function backwardPass(plan: CompiledPlan, { to, finishCapOf, choose }: BackwardOptions): Dates {
  const { network, tasks, project } = plan;
  const { first, nodes, links } = network.outgoing;
  const dates = emptyDates(plan);
  // The last moments at which the start and the finish of a node can be reached by a bound that counts from another task.
  const size = 2 * network.size;
  const [startLimits, finishLimits] = [new Float64Array(size).fill(Infinity), new Float64Array(size).fill(Infinity)];
  const [startCeilings, finishCeilings] = [new Float64Array(size).fill(Infinity), new Float64Array(size).fill(Infinity)];
  for (const node of network.order.toReversed()) {
    const task = tasks[node];
    const owner = task ?? tasks[node - network.size];
    if (!owner) continue;
    const isGate = task !== undefined && network.isSummary[node] === true;
    let startCeiling = Infinity;
    let finishCeiling = Math.min(to, isGate ? Infinity : finishCapOf(owner));
    for (let edge = at(first, node); edge < at(first, node + 1); edge++) {
      const next = at(nodes, edge);
      const dependency = network.dependencies[at(links, edge)];
      if (dependency !== undefined) {
        const limit = (bindsStart(dependency) ? startLimits : finishLimits)[next] ?? Infinity;
        if (limit === Infinity) continue;
        const ceiling = subtractLag(project, limit, dependency.lagMinutes);
        if (fromStart(dependency)) startCeiling = Math.min(startCeiling, ceiling);
        else finishCeiling = Math.min(finishCeiling, ceiling);
      } else if (isGate) {
        startLimits[node] = Math.min(startLimits[node] ?? Infinity, startLimits[next] ?? Infinity);
        finishLimits[node] = Math.min(finishLimits[node] ?? Infinity, finishLimits[next] ?? Infinity);
      } else {
        startCeiling = Math.min(startCeiling, startCeilings[next] ?? Infinity);
        finishCeiling = Math.min(finishCeiling, finishCeilings[next] ?? Infinity);
      }
    }
    startCeilings[node] = startCeiling;
    finishCeilings[node] = finishCeiling;
    if (isGate || !task) continue;
    place(dates, node, task, choose(node, latestFinish(task, startCeiling, finishCeiling)));
    // What has begun has no late start, and what has finished limits nothing.
    if (task.actualFinish !== null) continue;
    finishLimits[node] = task.line.startAt(positionOf(dates, node));
    if (task.actualStart === null) startLimits[node] = task.line.startAt(positionOf(dates, node) - task.duration);
  }
  return dates;
}

function latestFinish({ line, duration, actualStart, actualFinish }: CompiledTask, startCeiling: number, finishCeiling: number): number {
  if (actualFinish !== null) return line.positionAt(actualFinish);
  const finish = line.positionAt(finishCeiling);
  if (actualStart !== null || startCeiling === Infinity) return finish;
  return Math.min(finish, line.lastStartBy(startCeiling) + duration);
}
