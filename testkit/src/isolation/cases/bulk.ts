import { loadExampleDefinition, seedOperations } from "@weft/standalone";
import { until } from "../../until.js";
import type { Cases, LookupCase } from "./case.js";
import { bulkOperation, draftRequest, type Fixture } from "../fixture.js";

let made = 0;

/** Creates two published versions of a separate definition, and an instance that runs on the first. */
async function aMigration({ admin }: Fixture): Promise<{ from: string; to: string; instanceIds: string[] }> {
  const key = `migrating-${++made}`;
  const source = (await loadExampleDefinition("project")).replace("key: project", `key: ${key}`);
  const publish = async (): Promise<string> => {
    const { createDefinition } = await admin.run<{ createDefinition: { definition: { id: string } } }>(seedOperations.createDefinition, {
      input: { source },
    });
    const { id } = createDefinition.definition;
    await admin.run(seedOperations.publishDefinition, { input: { id, acceptWarnings: true } });
    return id;
  };
  const from = await publish();
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(
    "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }",
    { input: { definitionKey: key, data: { name: "Roof" } } },
  );
  return { from, to: await publish(), instanceIds: [startWorkflow.instance.id] };
}

async function migrated(fixture: Fixture): Promise<string> {
  const { migrateInstances } = await fixture.admin.run<{ migrateInstances: { operation: { id: string } } }>(
    "mutation ($input: MigrateInstancesInput!) { migrateInstances(input: $input) { operation { id } } }",
    { input: await aMigration(fixture) },
  );
  const { id } = migrateInstances.operation;
  const isDone = async () => {
    const { bulkOperation: operation } = await fixture.admin.run<{ bulkOperation: { status: string } }>(
      "query ($id: ID!) { bulkOperation(id: $id) { status } }",
      { id },
    );
    return operation.status === "COMPLETED";
  };
  await until(isDone, { what: "the migration is done" });
  return id;
}

/** The fixture has two versions of `project`: its second and third definitions. */
const version =
  (at: number): LookupCase["own"] =>
  ({ ids }) =>
    ids.get("definition")?.[at];

/** Cases of operations on many instances at once. */
export const bulkCases: Cases = {
  mutations: {
    bulkFireTransition: {
      input: async (_fixture, actor) => ({ transition: "submit", instanceIds: [(await draftRequest(actor)).instanceId] }),
    },
    cancelBulkOperation: {
      input: async (_fixture, actor) => ({ id: await bulkOperation(actor, (await draftRequest(actor)).instanceId) }),
    },
    migrateInstances: { input: (fixture) => aMigration(fixture), ids: { from: "object", to: "object" } },
    undoMigration: { input: async (fixture) => ({ operationId: await migrated(fixture) }) },
  },
  lookups: {
    "bulkOperation.id": { own: ({ ids }) => ids.get("bulkOperation")?.[0], refusal: "object" },
    "bulkOperationChanged.id": { own: ({ ids }) => ids.get("bulkOperation")?.[0], refusal: "object" },
    "previewBulkTransition.instanceIds": { own: ({ given }) => [given.instanceId], refusal: "input" },
    "planMigration.from": { own: version(1), refusal: "object", with: (_actor, fixture) => ({ to: version(2)(fixture) }) },
    "planMigration.to": { own: version(2), refusal: "object", with: (_actor, fixture) => ({ from: version(1)(fixture) }) },
  },
  filters: {
    "previewBulkTransition.filter.assigneeId": ["user", "team", "vendor"],
    "previewBulkTransition.filter.definitionId": ["definition"],
    "previewBulkTransition.filter.ownerId": ["user"],
    "previewBulkTransition.filter.parentId": ["instance"],
    "previewBulkTransition.filter.subjectId": ["request", "asset", "building", "project", "vendor", "contract", "milestone", "scopeChange"],
    "previewBulkTransition.filter.teamId": ["team"],
  },
  queryArguments: {
    previewBulkTransition: { transition: "submit" },
  },
};
