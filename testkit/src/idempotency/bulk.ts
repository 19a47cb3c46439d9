import type { MaintenanceTenant } from "../tenants/maintenance-tenant.js";
import { fresh, type IdempotencyCases } from "./case.js";

/** Creates an instance on the first of two versions of a separate definition. */
async function migration(acme: MaintenanceTenant): Promise<{ from: string; to: string }> {
  const key = fresh("migrating-");
  const source = `weft: 1\nkey: ${key}\nname: Migrating\ninitial: open\nstates:\n  open: { transitions: { close: { to: closed } } }\n  closed: { final: completed }\n`;
  const from = await acme.tenant.definition(source);
  await acme.manager.run("mutation ($key: String!) { startWorkflow(input: { definitionKey: $key }) { instance { id } } }", { key });
  return { from, to: await acme.tenant.definition(source) };
}

/** Cases of bulk operations. */
export const bulkCases: IdempotencyCases = {
  bulkFireTransition: {
    who: ({ acme }) => acme.manager,
    selection: "operation { id total }",
    inputs: async ({ acme }) => {
      const { instanceId } = await acme.request("triage");
      const input = { instanceIds: [instanceId], transition: "reject", comment: "no" };
      return { input, other: { ...input, comment: "never" } };
    },
  },
  migrateInstances: {
    who: ({ acme }) => acme.manager,
    selection: "operation { id total }",
    inputs: async ({ acme }) => {
      const input = await migration(acme);
      return { input, other: { ...input, comment: "again" } };
    },
  },
  undoMigration: {
    who: ({ acme }) => acme.manager,
    selection: "operation { id total }",
    inputs: async ({ acme, weft }) => {
      const { migrateInstances } = await acme.manager.run<{ migrateInstances: { operation: { id: string } } }>(
        "mutation ($input: MigrateInstancesInput!) { migrateInstances(input: $input) { operation { id } } }",
        { input: await migration(acme) },
      );
      await weft.weft.worker.idle();
      const input = { operationId: migrateInstances.operation.id };
      return { input, other: { ...input, comment: "again" } };
    },
  },
};
