import { loadExampleDefinition } from "@weft/standalone";
import { aProject, aTask } from "../tenants/project-plan.js";
import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of the tasks of projects. */
export const projectTaskCases: IdempotencyCases = {
  createProjectTask: {
    who: ({ acme }) => acme.admin,
    selection: "projectTask { id name position }",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(await loadExampleDefinition("project"));
      const input = { projectId: await aProject(acme.admin), name: fresh("Task"), durationMinutes: 60 };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  addTaskDependency: {
    who: ({ acme }) => acme.admin,
    selection: "dependency { id kind version }",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(await loadExampleDefinition("project"));
      const projectId = await aProject(acme.admin);
      const input = {
        predecessorId: await aTask(acme.admin, projectId, "First"),
        successorId: await aTask(acme.admin, projectId, "Second"),
      };
      return { input, other: { ...input, lagMinutes: 60 } };
    },
  },
  reportProjectTaskProgress: {
    who: ({ acme }) => acme.admin,
    selection: "projectTask { id actualMinutes } report { id workedMinutes }",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(await loadExampleDefinition("project"));
      const input = { id: await aTask(acme.admin, await aProject(acme.admin), "Dig"), percentComplete: 10, workedMinutes: 5 };
      return { input, other: { ...input, workedMinutes: 6 } };
    },
  },
};
