import { openBareDatabase, type BareDatabase } from "@weft/testkit/bare-database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSealer } from "../audit/sealer.js";
import { writeAudit } from "../audit/write.js";
import { asTenant } from "../db/as-tenant.js";
import { newId } from "../ids/uuid-v7.js";
import { inProcessPubSub } from "../pubsub/in-process.js";
import { appendEvents } from "./append.js";
import { startRelay } from "./relay.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

test("a tenant whose rows cannot be numbered or sealed delays nobody else", async () => {
  const [broken, sound] = [await bare.tenant(), await bare.tenant()];
  for (const meta of [broken, sound]) {
    const subjectId = newId();
    await asTenant(bare.databases.app, { tenantId: meta.tenantId }, "write", async (tx) => {
      await appendEvents(tx, meta, [{ type: "vendor.updated", subjectId, subjectVersion: 1, payload: { changed: [] } }]);
      await writeAudit(tx, meta, [{ action: "vendor.update", entityType: "vendor", entityId: subjectId, before: null, after: {} }]);
    });
  }
  // As an unlucky restore leaves them: the next position is taken, and the waiting entry has a seal.
  await bare.owner`insert into events.positions values (${broken.tenantId}, 1, ${newId()})`;
  await bare.owner`insert into audit.seals select tenant_id, 7, entry_id, 'h', 'h' from audit.unsealed where tenant_id = ${broken.tenantId}`;

  const named: unknown[] = [];
  const quiet = { debug: () => undefined, info: () => undefined };
  const log = { ...quiet, error: (facts: object) => void named.push("tenantId" in facts ? facts.tenantId : facts) };
  const relay = await startRelay({ databases: bare.databases, pubsub: inProcessPubSub(), consumers: [], log });
  const signer = { sign: () => Promise.resolve("signature"), read: () => Promise.resolve(null) };
  const sealer = startSealer({ databases: bare.databases, signer, log });
  const count = async (table: string) => (await bare.owner.unsafe(`select from ${table} where tenant_id = '${sound.tenantId}'`)).length;
  await until(async () => (await count("events.positions")) === 1 && (await count("audit.seals")) === 1, {
    what: "the sound tenant is served",
  });
  await Promise.all([relay.stop(), sealer.stop()]);
  expect(new Set(named)).toEqual(new Set([broken.tenantId]));
});
