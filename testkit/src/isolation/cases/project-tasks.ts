import { addDependency, aTask } from "../../tenants/project-plan.js";
import type { Fixture } from "../fixture.js";
import type { Cases } from "./case.js";
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
      types: { assigneeId: ["user", "vendor"] },
    },
    updateProjectTask: {
      input: async (fixture) => ({ id: await newTask(fixture), assigneeId: fixture.admin.id }),
      types: { assigneeId: ["user", "vendor"] },
    },
    moveProjectTask: {
      input: async (fixture) => ({ id: await newTask(fixture), parentId: await newTask(fixture) }),
    },
    deleteProjectTask: { input: async (fixture) => ({ id: await newTask(fixture) }) },
    restoreProjectTask: {
      input: async (fixture) => {
        const id = await newTask(fixture);
        await fixture.admin.run("mutation ($id: ID!) { deleteProjectTask(input: { id: $id }) { projectTaskIds } }", { id });
        return { id };
      },
    },
    reportProjectTaskProgress: {
      input: async (fixture) => ({ id: await newTask(fixture), percentComplete: 20 }),
    },
    addTaskDependency: { input: twoTasks, ids: { predecessorId: "input" } },
    updateTaskDependency: { input: async (fixture) => ({ id: await newDependency(fixture), lagMinutes: 30 }) },
    removeTaskDependency: { input: async (fixture) => ({ id: await newDependency(fixture) }) },
    updateProjectPlan: {
      input: async ({ projectId }) => ({ projectId, startAt: "2026-03-02T09:00:00Z" }),
    },
  },
  lookups: {
    "projectTask.id": { own: givenTask, refusal: "object" },
    "shiftPreview.taskId": { own: givenTask, refusal: "object" },
  },
  filters: {
    "projectTasks.filter.parent": ["projectTask"],
    "projectTasks.filter.assigneeUser": ["user"],
    "projectTasks.filter.assigneeVendor": ["vendor"],
  },
  queryArguments: { shiftPreview: { byMinutes: 60 } },
};
