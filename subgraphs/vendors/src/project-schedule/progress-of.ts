import { statusOf } from "../project-tasks/project-task.type.js";
import type { PlannedProject } from "./planned-project.js";
import { ProjectProgress } from "./project-plan.type.js";

/** Sums up the tasks without subtasks. Milestones count, but have no weight, unless there is nothing else. */
export function progressOf({ tasks, outline }: PlannedProject): ProjectProgress {
  const leaves = [...tasks.values()].filter(({ id }) => outline.get(id)?.isSummary === false);
  const total = leaves.reduce((sum, { durationMinutes }) => sum + durationMinutes, 0);
  const weightOf = (durationMinutes: number): number => (total === 0 ? 1 / Math.max(1, leaves.length) : durationMinutes / total);
  const percent = leaves.reduce((sum, { durationMinutes, percentComplete }) => sum + percentComplete * weightOf(durationMinutes), 0);
  const count = (status: string): number => leaves.filter((row) => statusOf(row) === status).length;
  return Object.assign(new ProjectProgress(), {
    // Rounded down, so that 100 percent means that everything is done; the small amount is for the error of the sum.
    percentComplete: Math.floor(percent + 1e-9),
    taskCount: leaves.length,
    startedCount: count("STARTED"),
    doneCount: count("DONE"),
  });
}
