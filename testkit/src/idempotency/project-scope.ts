import { loadExampleDefinition } from "@weft/standalone";
import { aProject } from "../tenants/project-plan.js";
import { approveScope, aScopeItem, aStaleChange, scopeChangeApproval } from "../tenants/project-scope.js";
import type { IdempotencyCases, Stage } from "./case.js";

async function newProject({ acme }: Stage): Promise<string> {
  await acme.tenant.definition(await loadExampleDefinition("project"));
  return aProject(acme.admin);
}

async function approvedProject(stage: Stage): Promise<string> {
  await stage.acme.tenant.definition(scopeChangeApproval);
  const projectId = await newProject(stage);
  await aScopeItem(stage.acme.admin, projectId);
  await approveScope(stage.acme.admin, projectId);
  return projectId;
}

/** Cases of scopes of projects, their changes, and baselines. */
export const projectScopeCases: IdempotencyCases = {
  createScopeItem: {
    who: ({ acme }) => acme.admin,
    selection: "scopeItem { id title }",
    inputs: async (stage) => {
      const input = { projectId: await newProject(stage), title: "Doors" };
      return { input, other: { ...input, title: "Gates" } };
    },
  },
  approveScope: {
    who: ({ acme }) => acme.admin,
    selection: "scopeVersion { id number }",
    inputs: async (stage) => {
      const projectId = await newProject(stage);
      await aScopeItem(stage.acme.admin, projectId);
      return { input: { id: projectId }, other: { id: projectId, expectedVersion: 1 } };
    },
  },
  proposeScopeChange: {
    who: ({ acme }) => acme.admin,
    selection: "scopeChange { id number }",
    inputs: async (stage) => {
      const input = { projectId: await approvedProject(stage), reason: "More", addedItems: [{ title: "Windows" }] };
      return { input, other: { ...input, reason: "Much more" } };
    },
  },
  refreshScopeChange: {
    who: ({ acme }) => acme.admin,
    selection: "scopeChange { id version }",
    inputs: async (stage) => {
      const id = await aStaleChange(stage.acme.admin, await approvedProject(stage));
      return { input: { id }, other: { id, expectedVersion: 2 } };
    },
  },
  setProjectBaseline: {
    who: ({ acme }) => acme.admin,
    selection: "baseline { id number }",
    inputs: async (stage) => {
      const input = { projectId: await newProject(stage), name: "Plan" };
      return { input, other: { ...input, name: "Another" } };
    },
  },
};
