import { identity } from "@weft/drizzle";
import { actorOf, fireInstance, startInstance, type CallBatches, type ViewerActor, type Work } from "@weft/engine";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { asTenant, type Database } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { personKeyring } from "@weft/platform/privacy";
import { oneMasterKey } from "@weft/platform/secrets";
import { publishDefinition } from "@weft/testkit/tenants/publish-definition";
import { everythingViewer } from "./viewer.js";

/** Two states with guards of each kind that a real definition has, and no forced end, so that each instance can have any number of transitions. */
const document = {
  weft: 1,
  key: "pendulum",
  name: "Pendulum",
  data: {
    type: "object",
    required: ["summary", "estimate"],
    properties: { summary: { type: "string", maxLength: 200 }, estimate: { type: "number", minimum: 0 } },
  },
  initial: "left",
  states: {
    left: {
      transitions: {
        swing: { to: "right", allow: { roles: ["operations"], permissions: ["workflow.fire"] }, when: "data.estimate <= 5000" },
        stop: { to: "stopped", allow: { roles: ["operations"] } },
      },
    },
    right: {
      transitions: {
        swing: { to: "left", allow: { roles: ["operations"], permissions: ["workflow.fire"] }, when: "data.estimate <= 5000" },
      },
    },
    stopped: { final: "completed" },
  },
};

/** Data of each instance. */
export const pendulumData = { summary: "The elevator in the lobby grinds when it stops at the second floor", estimate: 1200 };

/** A tenant with instances that switch between two states. */
export interface EngineTenant {
  readonly tenantId: string;
  readonly viewer: Viewer;
  readonly actor: ViewerActor;
  readonly meta: WriteMeta;
  readonly instanceIds: readonly string[];
}

/** Returns the ID of the nth instance (starting at 1), so that pgbench can derive it from a number. */
export const instanceId = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;

/** Creates a tenant with this many instances through the engine's store. `db` is the pool of weft_app. */
export async function anEngineTenant(db: Database, instances: number): Promise<EngineTenant> {
  const viewer = everythingViewer();
  const { tenantId, userId } = viewer;
  const actor = actorOf(viewer);
  const keyring = personKeyring(oneMasterKey(new Uint8Array(32).fill(7)));
  const meta: WriteMeta = {
    tenantId,
    actorId: userId,
    onBehalfOf: null,
    requestId: newId(),
    sessionId: viewer.sessionId,
    address: null,
    traceId: null,
    keyring,
  };
  await asTenant(db, { tenantId }, "write", async (tx) => {
    await tx.insert(identity.tenants).values({ tenantId, slug: `t-${tenantId}`, name: "Bench", plan: "ENTERPRISE" });
    await tx
      .insert(identity.users)
      .values({ tenantId, id: userId, email: `${userId}@bench.example`, username: userId, name: "Bench", type: "EMPLOYEE" });
    await publishDefinition(tx, viewer, { document });
  });
  const instanceIds = Array.from({ length: instances }, (_, index) => instanceId(index + 1));
  for (let start = 0; start < instances; start += 100) {
    await asTenant(db, viewer, "write", async (tx) => {
      for (const id of instanceIds.slice(start, start + 100))
        await startInstance(tx, meta, { id, definitionKey: document.key, data: pendulumData, ownerId: userId, actor });
    });
  }
  return { tenantId, viewer, actor, meta, instanceIds };
}

/** Fires a transition in the caller's transaction, as the API does. */
export async function fireInTransaction(db: Database, { viewer, meta, actor }: EngineTenant, id: string): Promise<void> {
  await asTenant(db, viewer, "write", (tx) => fireInstance(tx, meta, { id, transition: "swing", actor }));
}

/** Runs a start or a transition as the API does: in a batch with the other calls in flight. */
export async function submitAndWait(db: Database, batches: CallBatches, { viewer, meta }: EngineTenant, work: Work): Promise<void> {
  const { head } = await batches.submit({ meta, key: null, ...work });
  if (head) return;
  await asTenant(db, viewer, "write", (tx) =>
    "firing" in work ? fireInstance(tx, meta, work.firing) : startInstance(tx, meta, work.starting),
  );
}
