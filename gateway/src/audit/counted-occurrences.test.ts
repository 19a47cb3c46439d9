import { dueOccurrences, type Occurrence } from "@weft/platform/audit";
import { inProcessPubSub } from "@weft/platform/pubsub";
import { newId } from "@weft/shared/ids";
import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { sized } from "@weft/testkit/sizes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CountedOccurrences, type CountedOccurrencesOptions } from "./counted-occurrences.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

/** Counts until it is stopped, which writes. */
function counting(options: Partial<CountedOccurrencesOptions> = {}) {
  const [warnings, dropped] = [[] as object[], { count: 0 }];
  const { databases, keyring } = bare;
  const log = { warn: (details: object) => void warnings.push(details) } as never;
  const services = { databases, keyring, log, pubsub: inProcessPubSub() };
  const occurrences = new CountedOccurrences({ services, everyMs: 3_600_000, onDropped: () => void dropped.count++, ...options });
  return { occurrences, warnings, dropped };
}

const refusal = (actorId: string, changes: Partial<Occurrence> = {}): Occurrence => ({
  class: "FORBIDDEN",
  outcome: "REFUSED",
  code: "FORBIDDEN",
  operation: "Mutation.createBuilding",
  actorId,
  onBehalfOf: null,
  sessionId: null,
  requestId: "r",
  address: "192.0.2.1",
  client: { name: "desk", version: "1" },
  userAgent: "test",
  ...changes,
});

/** Writes the entries that are due, as a worker does. */
const record = async (tenantId: string): Promise<number> => dueOccurrences(bare).run(tenantId, 100_000, new AbortController().signal);

const entriesOf = async (tenantId: string): Promise<{ operation: string; count: number; actor: string }[]> => [
  ...(await bare.owner<{ operation: string; count: number; actor: string }[]>`
    select details->>'operation' as operation, (details->>'count')::int as count, actor_id as actor
      from audit.entries where tenant_id = ${tenantId} and class <> 'CHANGE' order by id`),
];

test("two processes count in the same entry", async () => {
  const { tenantId } = await bare.tenant();
  const ada = newId();
  const processes = [counting(), counting()].map(({ occurrences }) => occurrences);
  for (const occurrences of processes) for (let times = 0; times < 3; times++) occurrences.add(tenantId, refusal(ada));
  await Promise.all(processes.map((occurrences) => occurrences.stop()));
  await record(tenantId);
  expect(await entriesOf(tenantId)).toEqual([{ operation: "Mutation.createBuilding", count: 6, actor: ada }]);
});

test("what a person repeats within a minute of an entry is in the next one, a minute later", async () => {
  const { tenantId } = await bare.tenant();
  const ada = newId();
  const again = async (): Promise<void> => {
    const { occurrences } = counting();
    occurrences.add(tenantId, refusal(ada));
    await occurrences.stop();
    await record(tenantId);
  };
  const aMinuteLater = () => bare.owner`update audit.occurrences set due_at = due_at - interval '1 minute' where tenant_id = ${tenantId}`;
  await again();
  await again();
  await again();
  expect((await entriesOf(tenantId)).map(({ count }) => count)).toEqual([1]);
  await aMinuteLater();
  await record(tenantId);
  expect((await entriesOf(tenantId)).map(({ count }) => count)).toEqual([1, 2]);
  await aMinuteLater();
  await record(tenantId);
  expect(await bare.owner`select from audit.occurrences where tenant_id = ${tenantId}`).toHaveLength(0);
  expect(await entriesOf(tenantId)).toHaveLength(2);
});

test("entries say who, where and with what, and only the person's key shows the address", async () => {
  const { tenantId } = await bare.tenant();
  const { occurrences } = counting();
  occurrences.add(tenantId, refusal(newId()));
  await occurrences.stop();
  await record(tenantId);
  const [entry] = await bare.owner`select action, entity_type, outcome, client_name, client_version, address, user_agent, details
    from audit.entries where tenant_id = ${tenantId}`;
  expect(entry).toMatchObject({
    action: "api.refuse",
    entity_type: "tenant",
    outcome: "REFUSED",
    client_name: "desk",
    client_version: "1",
  });
  expect(entry?.["details"]).toMatchObject({ code: "FORBIDDEN", firstAt: expect.stringMatching(/^\d{4}-.*Z$/) as string });
  expect([entry?.["address"], entry?.["user_agent"]]).toEqual([expect.stringMatching(/^enc:/), expect.stringMatching(/^enc:/)]);
});

/** Refusals of a flood; `pnpm test:long` has a hundred times as many. */
const flood = sized({ part: 10_000, whole: 1_000_000 });

test("a flood of refusals by one person is one row, whatever its size", async () => {
  const { tenantId } = await bare.tenant();
  const { occurrences, dropped } = counting();
  const same = refusal(newId());
  for (let times = 0; times < flood; times++) occurrences.add(tenantId, same);
  await occurrences.stop();
  await record(tenantId);
  expect((await entriesOf(tenantId)).map(({ count }) => count)).toEqual([flood]);
  expect(dropped.count).toBe(0);
});

test("a person who is refused everything has a bounded number of rows, and every refusal is counted in one of them", async () => {
  const { tenantId } = await bare.tenant();
  const { occurrences } = counting();
  const ada = newId();
  for (let times = 0; times < flood; times++) occurrences.add(tenantId, refusal(ada, { operation: `Query.field${times}` }));
  await occurrences.stop();
  await record(tenantId);
  const entries = await entriesOf(tenantId);
  expect(entries).toHaveLength(1_001);
  expect(entries.find(({ operation }) => operation === "(other operations)")).toMatchObject({ actor: ada, count: flood - 1_000 });
  expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(flood);
});

test("a flood of refusals does not hide what its author reads", async () => {
  const { tenantId } = await bare.tenant();
  const { occurrences } = counting();
  const ada = newId();
  for (let times = 0; times < 3_000; times++) occurrences.add(tenantId, refusal(ada, { operation: `Query.field${times}` }));
  occurrences.add(tenantId, refusal(ada, { class: "SENSITIVE_READ", outcome: "SUCCESS", code: null, operation: "Query.apiKeys" }));
  await occurrences.stop();
  await record(tenantId);
  expect(await entriesOf(tenantId)).toContainEqual({ operation: "Query.apiKeys", count: 1, actor: ada });
});

test("whoever is refused a lot uses up what the organization has, and leaves some kinds to everybody else", async () => {
  const { tenantId } = await bare.tenant();
  const { occurrences } = counting({ bounds: { person: 30, tenant: 300, everyPerson: 5 } });
  const greedy = Array.from({ length: 10 }, () => newId());
  const others = [newId(), newId(), newId()];
  for (const actor of [...greedy, ...others])
    for (let times = 0; times < 30; times++) occurrences.add(tenantId, refusal(actor, { operation: `Query.field${times}` }));
  await occurrences.stop();
  await record(tenantId);
  const byActor = Map.groupBy(await entriesOf(tenantId), ({ actor }) => actor);
  const rowsOf = (actor: string): number => byActor.get(actor)?.length ?? 0;
  expect([new Set(greedy.map(rowsOf)), others.map(rowsOf)]).toEqual([new Set([30]), [6, 6, 6]]);
});

test("the bound holds for a minute, however often is written", async () => {
  const { tenantId } = await bare.tenant();
  const { occurrences } = counting();
  const ada = newId();
  const start = Date.now();
  for (let second = 0; second < 59; second++)
    for (let times = 0; times < 100; times++)
      occurrences.add(tenantId, refusal(ada, { operation: `Query.field${second}x${times}` }), start + second * 1_000);
  occurrences.add(tenantId, refusal(ada, { operation: "Query.aMinuteLater" }), start + 60_000);
  await occurrences.stop();
  await record(tenantId);
  const entries = await entriesOf(tenantId);
  expect(entries).toHaveLength(1_002);
  expect(entries.map(({ operation }) => operation)).toContain("Query.aMinuteLater");
});

test("a tenant that cannot be written does not prevent others, and is tried again", async () => {
  const { tenantId } = await bare.tenant();
  const [missing, { occurrences, warnings }] = [newId(), counting()];
  for (const tenant of [missing, tenantId]) occurrences.add(tenant, refusal(newId()));
  await occurrences.stop();
  await record(tenantId);
  expect(await entriesOf(tenantId)).toHaveLength(1);
  expect(warnings).toMatchObject([{ tenants: 1 }]);
  await bare.owner`insert into identity.tenants (tenant_id, slug, name) values (${missing}, ${`t-${missing}`}, 'T')`;
  await occurrences.stop();
  await record(missing);
  expect(await entriesOf(missing)).toHaveLength(1);
});

test("what was committed before a failure is not counted again", async () => {
  const { tenantId } = await bare.tenant();
  const { occurrences, warnings } = counting();
  for (let times = 0; times < 500; times++) occurrences.add(tenantId, refusal(newId()));
  // The table refuses it, so the second batch fails.
  occurrences.add(tenantId, refusal(newId(), { operation: null as never }));
  for (let attempts = 0; attempts < 3; attempts++) await occurrences.stop();
  await record(tenantId);
  const entries = await entriesOf(tenantId);
  expect([entries.length, entries.reduce((sum, { count }) => sum + count, 0)]).toEqual([500, 500]);
  expect(warnings).toHaveLength(3);
});

test("what PostgreSQL can never store is dropped, and what was counted beside it is written", async () => {
  const { tenantId } = await bare.tenant();
  const { occurrences, dropped, warnings } = counting();
  for (let times = 0; times < 20; times++) occurrences.add(tenantId, refusal(newId(), { requestId: times === 7 ? "\u0000" : "r" }));
  await occurrences.stop();
  await record(tenantId);
  expect([(await entriesOf(tenantId)).length, dropped.count, warnings.length]).toEqual([19, 1, 1]);
});
