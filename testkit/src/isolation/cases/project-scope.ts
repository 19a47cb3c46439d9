import { aProject, aTask } from "../../tenants/project-plan.js";
import { aBaseline, approveScope, aScopeChange, aScopeItem, aStaleChange } from "../../tenants/project-scope.js";
import type { Fixture } from "../fixture.js";
import type { Cases } from "./case.js";
import { fresh } from "./fresh.js";

const newProject = ({ admin }: Fixture): Promise<string> => aProject(admin, fresh("Scoped"));

async function newItem(fixture: Fixture): Promise<string> {
  return aScopeItem(fixture.admin, await newProject(fixture), fresh("Item"));
}

async function approvedProject(fixture: Fixture): Promise<{ projectId: string; itemIds: readonly [string, string] }> {
  const projectId = await newProject(fixture);
  const itemIds = [await aScopeItem(fixture.admin, projectId), await aScopeItem(fixture.admin, projectId, "Floors")] as const;
  await approveScope(fixture.admin, projectId);
  return { projectId, itemIds };
}

const days = { from: "2026-03-02", until: "2026-03-08", per: "WEEK" };

/** Cases of scopes of projects, their changes, baselines, and workloads. */
export const projectScopeCases: Cases = {
  mutations: {
    createScopeItem: {
      input: async (fixture) => ({ projectId: await newProject(fixture), title: "Doors" }),
      ids: { projectId: "object" },
    },
    updateScopeItem: { input: async (fixture) => ({ id: await newItem(fixture), title: "Gates" }) },
    deleteScopeItem: { input: async (fixture) => ({ id: await newItem(fixture) }) },
    approveScope: {
      input: async (fixture) => {
        const projectId = await newProject(fixture);
        await aScopeItem(fixture.admin, projectId);
        return { id: projectId };
      },
    },
    proposeScopeChange: {
      input: async (fixture) => {
        const { projectId, itemIds } = await approvedProject(fixture);
        const [changedTask, parentId, predecessorId] = [
          await aTask(fixture.admin, projectId, "Dig"),
          await aTask(fixture.admin, projectId, "Build"),
          await aTask(fixture.admin, projectId, "Plan"),
        ];
        return {
          projectId,
          reason: "The client asks for it.",
          changedItems: [{ id: itemIds[0], title: fresh("Item") }],
          removedItemIds: [itemIds[1]],
          changedTasks: [{ id: changedTask, durationMinutes: 60 }],
          addedTasks: [{ name: "Fill", durationMinutes: 60, parentId, predecessorId }],
        };
      },
    },
    refreshScopeChange: {
      input: async (fixture) => ({ id: await aStaleChange(fixture.admin, (await approvedProject(fixture)).projectId) }),
    },
    withdrawScopeChange: {
      input: async (fixture) => ({ id: (await aScopeChange(fixture.admin, (await approvedProject(fixture)).projectId)).id }),
    },
    setProjectBaseline: {
      input: async (fixture) => {
        const projectId = await newProject(fixture);
        const baselineId = await aBaseline(fixture.admin, projectId);
        // The latest one is current, and choosing it again would change nothing.
        await aBaseline(fixture.admin, projectId, "Later plan");
        return { projectId, baselineId };
      },
    },
  },
  lookups: {
    "vendorWorkload.vendorId": { own: ({ vendorId }) => vendorId, refusal: "object" },
  },
  queryArguments: { projectWorkload: days, userWorkload: days, vendorWorkload: days },
};
