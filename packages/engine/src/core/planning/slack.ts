/** Total and free slack, in working minutes of each task's calendar. */
import { backwardPass } from "./backward-pass.js";
import type { CompiledPlan, CompiledTask } from "./compile.js";
import { positionOf, type Dates } from "./dates.js";

export type Slack = { readonly total: Float64Array; readonly free: Float64Array };

/** @param to the finish of the project */
export function slackOf(plan: CompiledPlan, early: Dates, late: Dates, to: number): Slack {
  const { tasks, network } = plan;
  const [total, free] = [new Float64Array(network.size), new Float64Array(network.size)];
  for (const [node, task] of tasks.entries()) {
    if (!network.isSummary[node]) total[node] = minutesBetween(task, positionOf(early, node), positionOf(late, node));
  }
  // With all tasks at their early dates, the backward pass shows how far each could go without another one that moves.
  backwardPass(plan, {
    to,
    finishCapOf: () => Infinity,
    choose: (node, latest) => {
      const position = positionOf(early, node);
      const task = tasks[node];
      if (task) free[node] = Math.max(0, minutesBetween(task, position, latest));
      return position;
    },
  });
  return { total, free };
}

/** Returns the working minutes of the calendar between two positions on the line of a task. */
function minutesBetween({ line, calendar }: CompiledTask, from: number, to: number): number {
  return line === calendar ? to - from : calendar.positionAt(line.startAt(to)) - calendar.positionAt(line.startAt(from));
}
