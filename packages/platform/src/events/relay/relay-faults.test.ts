import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSealer } from "../../audit/sealer.js";
import { writeAudit } from "../../audit/write.js";
import { asTenant } from "../../db/as-tenant.js";
import { openDatabases } from "../../db/open.js";
import { newId } from "@weft/shared/ids";
import { inProcessPubSub } from "../../pubsub/in-process.js";
import { appendEvents } from "../append.js";
import { startRelay } from "./relay.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

test("a tenant whose rows cannot be numbered or sealed delays no other tenant", async () => {
  const [broken, sound] = [await bare.tenant(), await bare.tenant()];
  for (const meta of [broken, sound]) {
    const subjectId = newId();
    await asTenant(bare.databases.app, { tenantId: meta.tenantId }, "write", async (tx) => {
      await appendEvents(tx, meta, [{ type: "vendor.updated", subjectId, subjectVersion: 1, payload: { changed: [] } }]);
      await writeAudit(tx, meta, [{ action: "vendor.update", entityType: "vendor", entityId: subjectId, before: null, after: {} }]);
    });
  }
  // A state that a faulty restore can leave: the next position is taken, and the waiting entry already has a seal.
  await bare.owner`insert into events.positions values (${broken.tenantId}, 1, ${newId()})`;
  await bare.owner`insert into audit.seals select tenant_id, 7, entry_id, 'h', 'h' from audit.unsealed where tenant_id = ${broken.tenantId}`;

  const named: unknown[] = [];
  const quiet = { debug: () => undefined, info: () => undefined };
  const log = { ...quiet, error: (facts: object) => void named.push("tenantId" in facts ? facts.tenantId : facts) };
  const relay = await startRelay({ databases: bare.databases, pubsub: inProcessPubSub(), consumers: [], log });
  const signer = { sign: () => Promise.resolve("signature"), read: () => Promise.resolve(null) };
  const sealer = startSealer({ databases: bare.databases, signer, log, pubsub: inProcessPubSub() });
  const count = async (table: string) => (await bare.owner.unsafe(`select from ${table} where tenant_id = '${sound.tenantId}'`)).length;
  await until(async () => (await count("events.positions")) === 1 && (await count("audit.seals")) === 1, {
    what: "the sound tenant is served",
  });
  await Promise.all([relay.stop(), sealer.stop()]);
  expect(new Set(named)).toEqual(new Set([broken.tenantId]));
});

test("a tenant whose statements time out delays no other tenant of the round", async () => {
  const [locked, sound] = [await bare.tenant(), await bare.tenant()];
  for (const meta of [locked, sound]) {
    const subjectId = newId();
    await asTenant(bare.databases.app, { tenantId: meta.tenantId }, "write", async (tx) => {
      await appendEvents(tx, meta, [{ type: "vendor.updated", subjectId, subjectVersion: 1, payload: { changed: [] } }]);
      await writeAudit(tx, meta, [{ action: "vendor.update", entityType: "vendor", entityId: subjectId, before: null, after: {} }]);
    });
  }
  const databases = await openDatabases({ ...bare.database, lockTimeoutMs: 50 });
  // Waiting for a lock is a line without a stack, unless it lasts.
  const failures: object[] = [];
  const info = (facts: object): void => void ("reason" in facts && !("lock" in facts) && failures.push(facts));
  const log = { debug: () => undefined, info, error: (facts: object) => void failures.push(facts) };
  const signer = { sign: () => Promise.resolve("signature"), read: () => Promise.resolve(null) };
  await bare.owner.begin(async (tx) => {
    // Both locks of a tenant that sorts before the other: a round reaches it first.
    await tx`insert into events.position_heads values (${locked.tenantId}, 0)`;
    await tx`select pg_advisory_xact_lock(hashtextextended('weft.audit.chain.' || ${locked.tenantId}::text, 0))`;
    const relay = await startRelay({ databases, pubsub: inProcessPubSub(), consumers: [], log });
    const sealer = startSealer({ databases, signer, log, pubsub: inProcessPubSub() });
    const count = async (table: string) => (await tx.unsafe(`select from ${table} where tenant_id = '${sound.tenantId}'`)).length;
    await until(async () => (await count("events.positions")) === 1 && (await count("audit.seals")) === 1, {
      what: "the sound tenant is served",
    });
    await Promise.all([relay.stop(), sealer.stop()]);
  });
  await databases.close();
  expect(failures.every((facts) => "tenantId" in facts)).toBe(true);
  expect(failures).toContainEqual(expect.objectContaining({ tenantId: locked.tenantId }));
});
