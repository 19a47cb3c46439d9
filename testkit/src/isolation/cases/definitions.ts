import { loadExampleDefinition } from "@weft/standalone";
import type { Fixture } from "../fixture.js";
import { byType, type Cases } from "./case.js";
import { create, fresh, type HasId } from "./fresh.js";

const newDefinition = async (key: string) =>
  (await loadExampleDefinition("maintenance-request")).replace("key: maintenance-request", `key: ${key}`);
const newDraft = async (fixture: Fixture) =>
  (await create<HasId>(fixture, "createDefinition", "definition", { source: await newDefinition(fresh("definition")) })).id;
const newPublished = async (fixture: Fixture, environment = "PROD") => {
  const id = await newDraft(fixture);
  await create(fixture, "publishDefinition", "definition", { id, environment, acceptWarnings: true });
  return id;
};

/** Cases of workflow definitions, and of queries about them before any instance runs. */
export const definitionCases: Cases = {
  mutations: {
    createDefinition: { input: async () => ({ source: await newDefinition(fresh("definition")) }) },
    updateDefinition: {
      input: async (fixture) => ({ id: await newDraft(fixture), message: "A test", tags: ["test"] }),
    },
    deleteDefinition: { input: async (fixture) => ({ id: await newDraft(fixture) }) },
    cloneDefinition: { input: async (fixture) => ({ id: await newDraft(fixture), key: fresh("copy") }) },
    importDefinitionTemplate: { input: () => Promise.resolve({ template: "project", key: fresh("imported") }) },
    publishDefinition: { input: async (fixture) => ({ id: await newDraft(fixture), acceptWarnings: true }) },
    promoteDefinition: { input: async (fixture) => ({ id: await newPublished(fixture, "DEV"), to: "STAGING" }) },
    deprecateDefinition: { input: async (fixture) => ({ id: await newPublished(fixture) }) },
    retireDefinition: { input: async (fixture) => ({ id: await newPublished(fixture) }) },
  },
  lookups: {
    "exportDefinition.id": byType("definition"),
    "diffDefinitions.from": { ...byType("definition"), with: (_actor, { ids }) => ({ to: ids.get("definition")?.[0] }) },
    "diffDefinitions.to": { ...byType("definition"), with: (_actor, { ids }) => ({ from: ids.get("definition")?.[0] }) },
    "simulateWorkflow.definitionId": { own: ({ definitionId }) => definitionId, refusal: "object" },
    "testCondition.definitionId": { own: ({ definitionId }) => definitionId, refusal: "object" },
    "runScenarios.definitionId": { own: ({ definitionId }) => definitionId, refusal: "object" },
  },
  queryArguments: {
    validateDefinition: { source: "weft: 1" },
    definitionVersions: { key: "maintenance-request" },
    definitionTemplate: { key: "maintenance-request" },
    previewDefinitionTemplate: { template: "maintenance-request" },
    exportDefinition: { format: "JSON" },
    testCondition: { condition: "data.estimate <= 5000", data: { estimate: 7 } },
    simulateWorkflow: { now: "2026-03-02T09:00:00Z", data: { summary: "Lift", estimate: 7 }, steps: [{ transition: "submit" }] },
  },
};
