import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { asTenant } from "../../db/as-tenant.js";
import { newId } from "@weft/shared/ids";
import { inProcessPubSub } from "../../pubsub/in-process.js";
import { appendEvents, type AnyNewEvent } from "../append.js";
import { startRelay } from "../relay/relay.js";
import { takeBatch } from "../relay/relay.store.js";
import type { WriteMeta } from "../write-meta.js";
import type { EventConsumer } from "./consumer.js";
import { startConsuming } from "./opt-in.store.js";
import { passOverBatch } from "./pass-over.js";

let bare: BareDatabase;
const silent = { info: () => undefined, error: () => undefined };

beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

type Type = "vendor.created" | "vendor.updated" | "trigger.created";

const anEvent = (type: Type): AnyNewEvent => {
  const subject = { subjectId: newId(), subjectVersion: 1 };
  if (type === "vendor.created") return { type, ...subject, payload: {} };
  if (type === "vendor.updated") return { type, ...subject, payload: { changed: [] } };
  return { type, ...subject, payload: { eventType: "vendor.updated" } };
};

const write = (meta: WriteMeta, ...types: Type[]): Promise<readonly string[]> =>
  asTenant(bare.databases.app, { tenantId: meta.tenantId }, "write", (tx) => appendEvents(tx, meta, types.map(anEvent)));

/** Positions of the events that each consumer has handled, by tenant and consumer. */
let handled: Map<string, number[]>;
/** Names of the statements of the relay and of the consumers. */
let sent: { worker: string[]; app: string[] };
beforeEach(() => {
  handled = new Map();
  sent = { worker: [], app: [] };
  for (const role of ["worker", "app"] as const)
    bare.databases[role].onStatement = (text) => void sent[role].push(/^\/\* (\w+) \*\//.exec(text)?.[1] ?? text);
});

const wanting = (name: string, ...types: Type[]): EventConsumer => ({
  name,
  types,
  handle: async (_tx, { tenantId, position }) => {
    const key = `${tenantId} ${name}`;
    handled.set(key, [...(handled.get(key) ?? []), position]);
  },
});
const created = wanting("created", "vendor.created");
const updated = wanting("updated", "vendor.updated");

const handledBy = (name: string, { tenantId }: WriteMeta): number[] => handled.get(`${tenantId} ${name}`) ?? [];

/** Writes events and waits until the relay and the consumers are done. Returns the names of the statements that consumers sent for them. */
async function relayed(consumers: readonly EventConsumer[], ...writes: (() => Promise<unknown>)[]): Promise<string[]> {
  const relay = await startRelay({ databases: bare.databases, pubsub: inProcessPubSub(), consumers, log: silent });
  try {
    await relay.idle();
    for (const each of writes) {
      // Not after the write: the relay can poll as soon as it is committed.
      sent.app.length = 0;
      await each();
      await relay.idle();
    }
    return sent.app.filter((name) => name !== "appendEvents");
  } finally {
    await relay.stop();
  }
}

async function cursors({ tenantId }: WriteMeta): Promise<Record<string, number>> {
  const rows = await bare.owner<{ consumer: string; position: number }[]>`
    select consumer, position::int as position from events.consumer_cursors where tenant_id = ${tenantId}`;
  return Object.fromEntries(rows.map(({ consumer, position }) => [consumer, position]));
}

const setCursor = ({ tenantId }: WriteMeta, consumer: string, position: number) =>
  bare.owner`insert into events.consumer_cursors (tenant_id, consumer, position) values (${tenantId}, ${consumer}, ${position})
    on conflict (tenant_id, consumer) do update set position = excluded.position`;

/** Numbers the waiting events of the tenant and passes over them, as the relay does. */
const number = (meta: WriteMeta, consumers: readonly EventConsumer[]): Promise<string[]> =>
  asTenant(bare.databases.worker, { tenantId: meta.tenantId }, "write", async (tx) => {
    await tx.execute(`insert into events.position_heads values ('${meta.tenantId}', 0) on conflict do nothing`);
    const batch = await takeBatch(tx, meta.tenantId, 100);
    return [...(await passOverBatch(tx, meta.tenantId, { batch, consumers }))].toSorted();
  });

test("a consumer that has caught up passes over events that it does not want, and does not run", async () => {
  const meta = await bare.tenant();
  const statements = await relayed(
    [created, updated],
    () => write(meta, "vendor.updated"),
    () => write(meta, "vendor.updated", "vendor.updated"),
  );
  expect(handledBy("updated", meta)).toEqual([1, 2, 3]);
  expect(handledBy("created", meta)).toEqual([]);
  expect(await cursors(meta)).toEqual({ created: 3, updated: 3 });
  // One run, of the consumer that wants them. The relay has given it the events.
  expect(statements).toEqual(["lockCursor", "moveCursor"]);
});

test("a backlog costs two statements per batch, and one attempt is counted for all of it", async () => {
  const meta = await bare.tenant();
  const statements = await relayed([updated], () => write(meta, ...Array.from({ length: 250 }, () => "vendor.updated" as const)));
  expect(handledBy("updated", meta)).toEqual(Array.from({ length: 250 }, (_, at) => at + 1));
  const batch = ["lockCursor", "moveCursor"];
  expect(statements).toEqual(["lockCursor", "insertCursor", "countAttempt", ...batch, ...batch, ...batch]);
});

test("an event that no consumer wants costs one statement for all of them", async () => {
  const meta = await bare.tenant();
  const others = Array.from({ length: 5 }, (_, at) => wanting(`other-${at}`, "vendor.created"));
  const statements = await relayed(
    others,
    () => write(meta, "vendor.updated"),
    async () => {
      sent.worker.length = 0;
      await write(meta, "vendor.updated");
    },
  );
  expect(statements).toEqual([]);
  const numbering = ["lockPositions", "takeBatch", "passOver"];
  expect(sent.worker.filter((name) => numbering.includes(name))).toEqual(numbering);
  expect(new Set(Object.values(await cursors(meta)))).toEqual(new Set([2]));
});

test("if every consumer wants an event of the batch, no cursor is looked at", async () => {
  const meta = await bare.tenant();
  await relayed([created, updated], () => write(meta, "vendor.created", "vendor.updated"));
  expect(sent.worker).toContain("takeBatch");
  expect(sent.worker).not.toContain("passOver");
  expect(handledBy("created", meta)).toEqual([1]);
  expect(handledBy("updated", meta)).toEqual([2]);
});

test("a batch with one event that a consumer wants is left to that consumer as a whole", async () => {
  const meta = await bare.tenant();
  await write(meta, "vendor.updated", "vendor.created", "vendor.updated");
  for (const consumer of ["created", "updated", "neither"]) await setCursor(meta, consumer, 0);
  expect(await number(meta, [created, wanting("neither", "trigger.created")])).toEqual(["neither"]);
  // The third is not a consumer of this relay.
  expect(await cursors(meta)).toEqual({ created: 0, updated: 0, neither: 3 });
});

test("a consumer passes over events of its types that it ignores, and is left with a batch that contains another one", async () => {
  const meta = await bare.tenant();
  const wanted = newId();
  const choosy: EventConsumer = { ...created, name: "choosy", wants: ({ subjectId }) => subjectId === wanted };
  await setCursor(meta, "choosy", 0);
  await write(meta, "vendor.created", "vendor.created");
  expect(await number(meta, [choosy])).toEqual(["choosy"]);
  await asTenant(bare.databases.app, { tenantId: meta.tenantId }, "write", (tx) =>
    appendEvents(tx, meta, [anEvent("vendor.created"), { ...anEvent("vendor.created"), subjectId: wanted }]),
  );
  expect(await number(meta, [choosy])).toEqual([]);
  expect(await cursors(meta)).toEqual({ choosy: 2 });
});

test("a consumer that is behind is not moved, and handles what it has missed", async () => {
  const meta = await bare.tenant();
  await relayed([], () => write(meta, "vendor.created", "vendor.updated"));
  await setCursor(meta, "created", 0);
  await write(meta, "vendor.updated");
  expect(await number(meta, [created])).toEqual([]);
  expect(await cursors(meta)).toEqual({ created: 0 });
  await relayed([created], () => write(meta, "vendor.updated"));
  expect(handledBy("created", meta)).toEqual([1]);
  expect(await cursors(meta)).toEqual({ created: 4 });
});

test("a consumer without a cursor starts with the first event, whichever events it does not want", async () => {
  const meta = await bare.tenant();
  await relayed(
    [updated],
    () => write(meta, "vendor.created"),
    () => write(meta, "vendor.updated"),
  );
  // It is new, for example after an upgrade.
  await relayed([created, updated], () => write(meta, "vendor.updated"));
  expect(handledBy("created", meta)).toEqual([1]);
  expect(await cursors(meta)).toEqual({ created: 3, updated: 3 });
});

test("a cursor that its consumer has locked is skipped, and the relay does not wait for it", async () => {
  const meta = await bare.tenant();
  for (const consumer of ["created", "second"]) await setCursor(meta, consumer, 0);
  await write(meta, "vendor.updated");
  await bare.owner.begin(async (tx) => {
    await tx`select from events.consumer_cursors where tenant_id = ${meta.tenantId} and consumer = 'created' for update`;
    // The lock is held until the relay has numbered the events.
    expect(await number(meta, [created, wanting("second", "vendor.created")])).toEqual(["second"]);
  });
  expect(await cursors(meta)).toEqual({ created: 0, second: 1 });
  await relayed([created], () => write(meta, "vendor.created"));
  expect(handledBy("created", meta)).toEqual([2]);
});

test("a consumer that runs while events are numbered neither loses nor repeats one", async () => {
  const meta = await bare.tenant();
  const [started, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow: EventConsumer = {
    ...created,
    name: "slow",
    handle: async (tx, event) => {
      // It is behind in the tenants of the other tests.
      if (event.tenantId !== meta.tenantId) return;
      started.resolve();
      await goOn.promise;
      await wanting("slow", "vendor.created").handle(tx, event);
    },
  };
  let during = {};
  const numbered = async () => (await bare.owner`select from events.positions where tenant_id = ${meta.tenantId}`).length;
  await relayed([slow], async () => {
    await write(meta, "vendor.created");
    await started.promise;
    await write(meta, "vendor.updated");
    await until(async () => (await numbered()) === 2, { what: "the second event is numbered while the first is handled" });
    await write(meta, "vendor.created");
    await until(async () => (await numbered()) === 3, { what: "so is the third" });
    during = await cursors(meta);
    goOn.resolve();
  });
  expect(during).toEqual({ slow: 0 });
  expect(handledBy("slow", meta)).toEqual([1, 3]);
  expect(await cursors(meta)).toEqual({ slow: 3 });
});

test("the cursors of other tenants stay where they are", async () => {
  const [one, other] = [await bare.tenant(), await bare.tenant()];
  for (const meta of [one, other]) await setCursor(meta, "created", 0);
  await write(one, "vendor.updated");
  await write(other, "vendor.created");
  expect(await number(one, [created])).toEqual(["created"]);
  expect(await cursors(one)).toEqual({ created: 1 });
  expect(await cursors(other)).toEqual({ created: 0 });
  expect(await number(other, [created])).toEqual([]);
  await relayed([created, updated], () => write(one, "vendor.created"));
  expect(handledBy("created", one)).toEqual([2]);
  expect(handledBy("created", other)).toEqual([1]);
});

test("if the numbering is rolled back, as by a crash before its commit, so are the cursors", async () => {
  const meta = await bare.tenant();
  await setCursor(meta, "created", 0);
  await write(meta, "vendor.updated");
  const crashing = asTenant(bare.databases.worker, { tenantId: meta.tenantId }, "write", async (tx) => {
    await tx.execute(`insert into events.position_heads values ('${meta.tenantId}', 0) on conflict do nothing`);
    const batch = await takeBatch(tx, meta.tenantId, 100);
    expect([...(await passOverBatch(tx, meta.tenantId, { batch, consumers: [created] }))]).toEqual(["created"]);
    throw new Error("the process died");
  });
  await expect(crashing).rejects.toThrow("the process died");
  expect(await cursors(meta)).toEqual({ created: 0 });
  await relayed([created], () => write(meta, "vendor.created"));
  expect(handledBy("created", meta)).toEqual([2]);
});

test("if the process ends after the commit and wakes no consumer, the next relay wakes those that were not moved", async () => {
  const meta = await bare.tenant();
  for (const consumer of ["created", "updated"]) await setCursor(meta, consumer, 0);
  await write(meta, "vendor.updated");
  expect(await number(meta, [created, updated])).toEqual(["created"]);
  await relayed([created, updated]);
  expect(handledBy("updated", meta)).toEqual([1]);
  expect(await cursors(meta)).toEqual({ created: 1, updated: 1 });
});

test("a cursor with attempts, or with a parked event to retry, is left to its consumer", async () => {
  const meta = await bare.tenant();
  const { tenantId } = meta;
  const retrying = wanting("retrying", "vendor.created");
  await relayed([retrying], () => write(meta, "vendor.created"));
  await setCursor(meta, "created", 1);
  await bare.owner`update events.consumer_cursors set attempts = 1 where tenant_id = ${tenantId} and consumer = 'created'`;
  await bare.owner`insert into events.parked (tenant_id, consumer, event_id, position, attempts, status)
    select tenant_id, 'retrying', event_id, position, 0, 'RETRY' from events.positions where tenant_id = ${tenantId}`;
  await write(meta, "vendor.updated");
  expect(await number(meta, [created, retrying])).toEqual([]);
  expect(await cursors(meta)).toEqual({ created: 1, retrying: 1 });
  handled.clear();
  await relayed([created, retrying], () => write(meta, "vendor.updated"));
  expect(handledBy("retrying", meta)).toEqual([1]);
  expect(await cursors(meta)).toEqual({ created: 3, retrying: 3 });
});

test("an optional consumer passes over events once it runs, and gets no cursor where it does not", async () => {
  const [meta, without] = [await bare.tenant(), await bare.tenant()];
  const optional: EventConsumer = { ...wanting("optional", "vendor.created"), optInTypes: ["trigger.created"] };
  const startIt = () =>
    asTenant(bare.databases.app, { tenantId: meta.tenantId }, "write", async (tx) => {
      await startConsuming(tx, "optional");
      await appendEvents(tx, meta, [anEvent("trigger.created")]);
    });
  const statements = await relayed(
    [optional],
    () => write(meta, "vendor.created"),
    () => write(without, "vendor.updated"),
    startIt,
    () => write(meta, "vendor.updated"),
  );
  expect(statements).toEqual([]);
  expect(await cursors(meta)).toEqual({ optional: 3 });
  expect(await cursors(without)).toEqual({});
  await relayed(
    [optional],
    () => write(meta, "vendor.updated"),
    () => write(meta, "vendor.created"),
  );
  expect(handledBy("optional", meta)).toEqual([5]);
});
