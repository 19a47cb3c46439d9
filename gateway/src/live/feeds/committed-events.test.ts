import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { countedStatements } from "@weft/testkit/postgres/counted-statements";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CommittedEventsReader } from "./committed-events.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

async function leaveUnnumbered(tenantId: string, count: number): Promise<void> {
  await bare.owner`insert into events.outbox (tenant_id, event_id) select ${tenantId}, gen_random_uuid() from generate_series(1, ${count}::int)`;
}

test("those who ask at the same time share the events, and those who ask later see later ones", async () => {
  const { tenantId } = await bare.tenant();
  const reader = new CommittedEventsReader(bare.databases.app);
  const readings = countedStatements(bare.databases.app, "findCommittedEvents");
  await leaveUnnumbered(tenantId, 2);
  const [first, ...others] = await Promise.all(Array.from({ length: 40 }, () => reader.read(tenantId)));
  expect(first?.unnumbered.size).toBe(2);
  expect(others.every((other) => other === first)).toBe(true);
  expect(readings()).toBe(1);
  await leaveUnnumbered(tenantId, 1);
  expect((await reader.read(tenantId))?.unnumbered.size).toBe(3);
  expect(readings()).toBe(2);
});

test("who asks while events are read gets those of a later reading", async () => {
  const { tenantId } = await bare.tenant();
  const reader = new CommittedEventsReader(bare.databases.app);
  const readings = countedStatements(bare.databases.app, "findCommittedEvents");
  const before = reader.read(tenantId);
  while (readings() === 0) await Promise.resolve();
  await leaveUnnumbered(tenantId, 1);
  const [after, same] = await Promise.all([reader.read(tenantId), reader.read(tenantId)]);
  expect(after?.unnumbered.size).toBe(1);
  expect(same).toBe(after);
  expect(await before).not.toBe(after);
  expect(readings()).toBe(2);
});

test("while the relay is far behind, it is asked for once a second, however many subscriptions begin", async () => {
  const { tenantId } = await bare.tenant();
  const other = await bare.tenant();
  const reader = new CommittedEventsReader(bare.databases.app);
  const readings = countedStatements(bare.databases.app, "findCommittedEvents");
  await leaveUnnumbered(tenantId, 1_000);
  for (let turn = 0; turn < 20; turn++) expect(await reader.read(tenantId)).toBeNull();
  expect(readings()).toBe(1);
  expect(await reader.read(other.tenantId)).toEqual({ position: 0, unnumbered: new Set() });
});
