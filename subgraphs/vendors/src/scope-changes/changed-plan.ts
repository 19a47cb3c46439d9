import type { ScopeApplication, ScopeProposal } from "@weft/drizzle";
import type { Plan, PlanTask } from "@weft/engine";
import { BadUserInput, type Problem } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { directionOf, type PlannedProject } from "../project-schedule/planned-project.js";
import { type Estimates, estimatesOf } from "../project-schedule/work-of.js";
import { assertParent, assertRoomFor, lastPosition, treeOf } from "../project-tasks/task-tree.js";

export interface ChangedPlan {
  readonly plan: Plan;
  readonly estimates: Estimates;
  readonly tasks: ScopeApplication["tasks"];
}

/** Returns a plan with the tasks of a proposal. @throws BadUserInput (a task that the plan does not have, a duration of a summary task, too many tasks or levels) */
export function changedPlan(planned: PlannedProject, proposal: ScopeProposal): ChangedPlan {
  assertTasks(planned, proposal);
  const added = addedTasks(planned, proposal);
  const changes = new Map(proposal.changedTasks.map(({ id, ...change }) => [id, change]));
  const changed = proposal.changedTasks.flatMap(({ id, durationMinutes, estimateMinutes }) => {
    const row = planned.tasks.get(id);
    if (!row) return [];
    const estimate = estimateMinutes === undefined ? row.estimateMinutes : estimateMinutes;
    return [{ id, durationMinutes: durationMinutes ?? row.durationMinutes, estimateMinutes: estimate }];
  });
  const { plan } = planned;
  return {
    plan: {
      ...plan,
      tasks: [
        ...plan.tasks.map((task) => ({ ...task, durationMinutes: changes.get(task.id)?.durationMinutes ?? task.durationMinutes })),
        ...added.map(newPlanTask),
      ],
      dependencies: [
        ...plan.dependencies,
        ...added.flatMap(({ id, predecessorId }) =>
          predecessorId === null ? [] : [{ predecessorId, successorId: id, kind: "FS" as const, lagMinutes: 0 }],
        ),
      ],
    },
    estimates: estimatesOf([...planned.tasks.values(), ...changed, ...added]),
    tasks: { changed, added },
  };
}

function addedTasks(planned: PlannedProject, { addedTasks: proposed }: ScopeProposal): ScopeApplication["tasks"]["added"] {
  const tree = treeOf([...planned.tasks.values()]);
  assertRoomFor(tree, proposed.length, "input.addedTasks");
  const constraintKind = directionOf(planned) === "BACKWARD" ? "ALAP" : "ASAP";
  return proposed.map((task, index) => {
    assertParent(tree, { parentId: task.parentId, moved: null }, `input.addedTasks.${index}.parentId`);
    const before = proposed.slice(0, index).filter(({ parentId }) => parentId === task.parentId).length;
    return { ...task, position: lastPosition(tree, task.parentId) + before, constraintKind };
  });
}

const newPlanTask = ({ id, name, parentId, durationMinutes, constraintKind }: ScopeApplication["tasks"]["added"][number]): PlanTask => ({
  id,
  name,
  parentId,
  durationMinutes,
  constraint: { kind: constraintKind === "ALAP" ? "ALAP" : "ASAP", at: null },
  deadlineAt: null,
  calendar: null,
  actualStartAt: null,
  actualFinishAt: null,
  percentComplete: 0,
  baseline: null,
});

/** @throws BadUserInput */
function assertTasks({ tasks, outline }: PlannedProject, proposal: ScopeProposal): void {
  const unknown = (id: string | null, path: string): Problem[] =>
    id === null || tasks.has(id) ? [] : [{ path, message: `The project has no task with the ID ${encodeId("projectTask", id)}.` }];
  const problems = [
    ...proposal.changedTasks.flatMap(({ id, durationMinutes }, index): Problem[] => {
      const path = `input.changedTasks.${index}`;
      const message = "A summary task takes as long as its subtasks. Change the duration of one of these.";
      const isSummary = durationMinutes !== undefined && outline.get(id)?.isSummary === true;
      return [...unknown(id, `${path}.id`), ...(isSummary ? [{ path: `${path}.durationMinutes`, message }] : [])];
    }),
    ...proposal.addedTasks.flatMap(({ predecessorId }, index) => unknown(predecessorId, `input.addedTasks.${index}.predecessorId`)),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
}
