import { loadExampleDefinition } from "@weft/standalone";
import type { World } from "../world.js";
import { byType, type Cases } from "./case.js";
import { create, fresh, type HasId } from "./fresh.js";

const newDefinition = async (key: string) =>
  (await loadExampleDefinition("maintenance-request")).replace("key: maintenance-request", `key: ${key}`);
const newDraft = async (world: World) =>
  (await create<HasId>(world, "createDefinition", "definition", { source: await newDefinition(fresh("definition")) })).id;
const newPublished = async (world: World, environment = "PROD") => {
  const id = await newDraft(world);
  await create(world, "publishDefinition", "definition", { id, environment, acceptWarnings: true });
  return id;
};

/** Definitions of workflows, and what is asked of them before anything runs. */
export const definitionCases: Cases = {
  mutations: {
    createDefinition: { input: async () => ({ source: await newDefinition(fresh("definition")) }), ids: {} },
    updateDefinition: { input: async (world) => ({ id: await newDraft(world), message: "A test", tags: ["test"] }), ids: { id: "object" } },
    deleteDefinition: { input: async (world) => ({ id: await newDraft(world) }), ids: { id: "object" } },
    cloneDefinition: { input: async (world) => ({ id: await newDraft(world), key: fresh("copy") }), ids: { id: "object" } },
    publishDefinition: { input: async (world) => ({ id: await newDraft(world), acceptWarnings: true }), ids: { id: "object" } },
    promoteDefinition: { input: async (world) => ({ id: await newPublished(world, "DEV"), to: "STAGING" }), ids: { id: "object" } },
    deprecateDefinition: { input: async (world) => ({ id: await newPublished(world) }), ids: { id: "object" } },
    retireDefinition: { input: async (world) => ({ id: await newPublished(world) }), ids: { id: "object" } },
  },
  lookups: {
    "definition.id": byType("definition"),
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
    exportDefinition: { format: "JSON" },
    testCondition: { condition: "data.estimate <= 5000", data: { estimate: 7 } },
    simulateWorkflow: { data: { summary: "Lift", estimate: 7 }, steps: [{ transition: "submit" }] },
  },
};
