import { loadExampleDefinition } from "@weft/standalone";
import { aProject } from "../tenants/project-plan.js";
import type { IdempotencyCases, Stage } from "./case.js";

async function newProject({ acme }: Stage): Promise<string> {
  await acme.tenant.definition(await loadExampleDefinition("project"));
  return aProject(acme.admin);
}

/** Cases of the milestones, costs, risks, decisions, and templates of projects. */
export const projectRecordCases: IdempotencyCases = {
  recordProjectCost: {
    who: ({ acme }) => acme.admin,
    selection: "cost { id note }",
    inputs: async (stage) => {
      const amount = { amount: 100, currency: "EUR" };
      const input = { projectId: await newProject(stage), amount, spentOn: "2026-03-02", category: "OTHER" };
      return { input, other: { ...input, category: "TRAVEL" } };
    },
  },
  createProjectRisk: {
    who: ({ acme }) => acme.admin,
    selection: "risk { id title }",
    inputs: async (stage) => {
      const input = { projectId: await newProject(stage), title: "Rain", probability: 1, impact: 1 };
      return { input, other: { ...input, title: "Fire" } };
    },
  },
  createProjectDecision: {
    who: ({ acme }) => acme.admin,
    selection: "decision { id title }",
    inputs: async (stage) => {
      const input = { projectId: await newProject(stage), title: "Floor", decision: "Stone", decidedOn: "2026-03-02" };
      return { input, other: { ...input, title: "Walls" } };
    },
  },
};
