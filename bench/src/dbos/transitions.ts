import { CallBatches } from "@weft/engine";
import { newId } from "@weft/shared/ids";
import { openDatabases } from "@weft/platform/db";
import type { BenchOptions, Report } from "../harness/report.js";
import { startBenchDatabase } from "../harness/systems/database.js";
import { anEngineTenant, pendulumData, submitAndWait } from "../harness/tenants/engine-tenant.js";
import { againstDbos } from "./against-dbos.js";

/** From start to end: five transitions, the last one into a final state. */
const transitions = ["swing", "swing", "swing", "swing", "stop"] as const;

/**
 * Compares a start and five transitions (each with guards, version check, history, event, outbox, audit entry and place in the sealer's queue) with a
 * workflow of DBOS Transact with five steps that do nothing.
 */
export async function run(options: BenchOptions): Promise<Report> {
  const database = await startBenchDatabase();
  // In a pool of fourteen, one tenant gets ten connections.
  const databases = await openDatabases({ ...database, pools: { app: 14, worker: 5, auth: 1, health: 1 } });
  try {
    const tenant = await anEngineTenant(databases.app, 1);
    const batches = new CallBatches(databases.app);
    const { viewer, actor } = tenant;
    const once = async (): Promise<void> => {
      const id = newId();
      const starting = { id, definitionKey: "pendulum", data: pendulumData, ownerId: viewer.userId, actor };
      await submitAndWait(databases.app, batches, tenant, { starting });
      for (const transition of transitions) await submitAndWait(databases.app, batches, tenant, { firing: { id, transition, actor } });
    };
    const durable = {
      title: `Start and ${transitions.length} transitions, against a workflow of ${transitions.length} steps in DBOS Transact`,
      noun: "flows",
      steps: transitions,
      once,
      verified: (count: number) =>
        `${count} instances completed in version ${transitions.length + 1} with as many rows of history, events and audit`,
    };
    return await againstDbos(
      database.ownerUrl,
      {
        ...durable,
        assertComplete: async (owner, count) => {
          const [weft] = await owner`select
            (select count(*)::int from workflows.instances where status = 'COMPLETED' and version = ${transitions.length + 1}) as completed,
            (select count(*)::int from workflows.instances where version > 1) as begun,
            (select count(*)::int - 1 from workflows.history) as history, (select count(*)::int - 1 from events.log) as events,
            (select count(*)::int - 1 from events.outbox) as outbox, (select count(*)::int - 1 from audit.entries) as audit`;
          const rows = count * (transitions.length + 1);
          const isWhole = weft?.["completed"] === count && weft["begun"] === count;
          if (!isWhole || ["history", "events", "outbox", "audit"].some((table) => weft[table] !== rows))
            throw new Error(`${count} flows were through, and the tables have ${JSON.stringify(weft)}.`);
        },
      },
      options,
    );
  } finally {
    await databases.close();
    await database.remove();
  }
}
