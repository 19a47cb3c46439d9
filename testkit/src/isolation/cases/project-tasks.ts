import { addDependency, aTask } from "../../tenants/project-plan.js";
import type { Fixture } from "../fixture.js";
import { byType, type Cases } from "./case.js";
import { fresh } from "./fresh.js";

const newTask = ({ admin, projectId }: Fixture): Promise<string> => aTask(admin, projectId, fresh("Task"));

/** Returns the task that is assigned to the vendor. */
const givenTask = ({ ids, hiddenFromVendor }: Fixture): string | undefined =>
  ids.get("projectTask")?.find((id) => !hiddenFromVendor.includes(id));

async function twoTasks(fixture: Fixture): Promise<{ predecessorId: string; successorId: string }> {
  return { predecessorId: await newTask(fixture), successorId: await newTask(fixture) };
}

async function newDependency(fixture: Fixture): Promise<string> {
  const { predecessorId, successorId } = await twoTasks(fixture);
  return addDependency(fixture.admin, predecessorId, successorId);
}

/** Cases of the tasks of projects, their dependencies and schedules. */
export const projectTaskCases: Cases = {
  mutations: {
    createProjectTask: {
      input: async (fixture) => ({
        projectId: fixture.projectId,
        parentId: await newTask(fixture),
        assigneeId: fixture.admin.id,
        name: fresh("Task"),
        durationMinutes: 60,
      }),
      ids: { projectId: "input", parentId: "input", assigneeId: "input" },
      types: { assigneeId: ["user", "vendor"] },
    },
    updateProjectTask: {
      input: async (fixture) => ({ id: await newTask(fixture), assigneeId: fixture.admin.id }),
      ids: { id: "object", assigneeId: "input" },
      types: { assigneeId: ["user", "vendor"] },
    },
    moveProjectTask: {
      input: async (fixture) => ({ id: await newTask(fixture), parentId: await newTask(fixture) }),
      ids: { id: "object", parentId: "input" },
    },
    deleteProjectTask: { input: async (fixture) => ({ id: await newTask(fixture) }), ids: { id: "object" } },
    restoreProjectTask: {
      input: async (fixture) => {
        const id = await newTask(fixture);
        await fixture.admin.run("mutation ($id: ID!) { deleteProjectTask(input: { id: $id }) { projectTaskIds } }", { id });
        return { id };
      },
      ids: { id: "object" },
    },
    reportProjectTaskProgress: {
      input: async (fixture) => ({ id: await newTask(fixture), percentComplete: 20 }),
      ids: { id: "object" },
    },
    addTaskDependency: { input: twoTasks, ids: { predecessorId: "input", successorId: "input" } },
    updateTaskDependency: { input: async (fixture) => ({ id: await newDependency(fixture), lagMinutes: 30 }), ids: { id: "object" } },
    removeTaskDependency: { input: async (fixture) => ({ id: await newDependency(fixture) }), ids: { id: "object" } },
    updateProjectPlan: {
      input: async ({ projectId }) => ({ projectId, startAt: "2026-03-02T09:00:00Z" }),
      ids: { projectId: "object" },
    },
  },
  lookups: {
    "projectTask.id": { own: givenTask, refusal: "object" },
    "projectSchedule.projectId": byType("project"),
    "shiftPreview.taskId": { own: givenTask, refusal: "object" },
  },
  filters: {
    "projectTasks.filter.project": ["project"],
    "projectTasks.filter.parent": ["projectTask"],
    "projectTasks.filter.assigneeUser": ["user"],
    "projectTasks.filter.assigneeVendor": ["vendor"],
  },
  queryArguments: { shiftPreview: { byMinutes: 60 } },
};
