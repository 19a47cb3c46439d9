import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "../../db/as-tenant.js";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { newId } from "@weft/shared/ids";
import type { Tx } from "../../db/database.js";
import { inProcessPubSub } from "../../pubsub/in-process.js";
import { appendEvents } from "../append.js";
import { headPosition, readEvents } from "../read.js";
import { consumeBatch } from "./consume.js";
import type { EventConsumer } from "./consumer.js";
import { ConsumerRunner } from "./consumer-runner.js";
import { startConsuming } from "./opt-in.store.js";
import { startRelay } from "../relay/relay.js";

let bare: BareDatabase;
const silent = { info: () => undefined, error: () => undefined };

beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

test("a failing consumer waits before its next attempt, however many events arrive in the meantime", async () => {
  const meta = await bare.tenant();
  let attempts = 0;
  const term = new AbortController();
  const runner = new ConsumerRunner({
    database: bare.databases.app,
    consumers: [
      {
        name: "poisoned",
        types: ["vendor.updated"],
        handle: () => {
          attempts++;
          return Promise.reject(new Error("poison"));
        },
      },
    ],
    log: silent,
    onHandled: () => undefined,
    onPoison: () => Promise.resolve(),
    term: term.signal,
  });
  await asTenant(bare.databases.app, { tenantId: meta.tenantId }, "write", (tx) =>
    appendEvents(tx, meta, [{ type: "vendor.updated", subjectId: newId(), subjectVersion: 1, payload: { changed: [] } }]),
  );
  const relay = await startRelay({ databases: bare.databases, pubsub: inProcessPubSub(), consumers: [], log: silent });
  await relay.idle();
  await relay.stop();
  runner.wake(meta.tenantId);
  await until(() => attempts === 1, { what: "the first try failed" });
  await runner.settled();
  for (let at = 0; at < 50; at++) {
    runner.wake(meta.tenantId);
    await runner.settled();
  }
  // Not one attempt per wake-up. On a slow machine the second attempt, after half a second, can have happened.
  expect(attempts).toBeLessThan(5);
  await until(() => attempts >= 2, { what: "the second try comes by itself" });
  term.abort();
  await runner.settled();
});

test("the events of a suspended tenant wait until it is reactivated, and none are lost", async () => {
  const meta = await bare.tenant();
  const { tenantId } = meta;
  const setStatus = (status: string) => bare.owner`update identity.tenants set status = ${status} where tenant_id = ${tenantId}`;
  const updated = () =>
    asTenant(bare.databases.app, { tenantId }, "write", (tx) =>
      appendEvents(tx, meta, [{ type: "vendor.updated", subjectId: newId(), subjectVersion: 1, payload: { changed: [] } }]),
    );
  const handled: string[] = [];
  const consumer: EventConsumer = {
    name: "patient",
    types: ["vendor.updated"],
    handle: async (_tx, event) => {
      if (event.tenantId === tenantId) handled.push(event.id);
    },
  };
  const relay = await startRelay({ databases: bare.databases, pubsub: inProcessPubSub(), consumers: [consumer], log: silent });
  await setStatus("SUSPENDED");
  await updated();
  await updated();
  await relay.idle();
  expect(handled).toEqual([]);
  await setStatus("ACTIVE");
  // Like a reactivation, which is an event of the tenant too.
  await updated();
  await relay.idle();
  expect(handled).toHaveLength(3);
  await relay.stop();
});

/** Runs a consumer that waits for `goOn` in its handler. */
function aPausedConsumer(consumer: Pick<EventConsumer, "name" | "optInTypes">) {
  const [handled, started, goOn] = [[] as string[], Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const term = new AbortController();
  const handle: EventConsumer["handle"] = async (_tx, { subjectId }) => {
    handled.push(subjectId);
    started.resolve();
    await goOn.promise;
  };
  const runner = new ConsumerRunner({
    database: bare.databases.app,
    consumers: [{ ...consumer, types: ["vendor.updated"], handle }],
    log: silent,
    onHandled: () => undefined,
    onPoison: () => Promise.resolve(),
    term: term.signal,
  });
  return { runner, term, handled, started, goOn };
}

/** Numbers what waits in the outbox. */
async function numberAll(): Promise<void> {
  const relay = await startRelay({ databases: bare.databases, pubsub: inProcessPubSub(), consumers: [], log: silent });
  await relay.idle();
  await relay.stop();
}

test("an optional consumer handles events that are numbered while its first run is in progress", async () => {
  const meta = await bare.tenant();
  const { tenantId } = meta;
  const { runner, term, handled, started, goOn } = aPausedConsumer({ name: "optional", optInTypes: ["trigger.created"] });
  let position = 0;
  /** Writes and numbers events of a vendor, and returns them. */
  const numbered = async (subjectId: string): Promise<EventEnvelope[]> => {
    await asTenant(bare.databases.app, { tenantId }, "write", (tx) =>
      appendEvents(tx, meta, [{ type: "vendor.updated", subjectId, subjectVersion: 1, payload: { changed: [] } }]),
    );
    await numberAll();
    const events = await asTenant(bare.databases.app, { tenantId }, "read", (tx) => readEvents(tx, { afterPosition: position, limit: 10 }));
    position += events.length;
    return events;
  };
  const isNew = { passed: new Set<string>(), size: 0 };
  await asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
    await startConsuming(tx, "optional");
    await appendEvents(tx, meta, [
      { type: "trigger.created", subjectId: newId(), subjectVersion: 1, payload: { eventType: "vendor.updated" } },
    ]);
  });
  const [first, second] = [newId(), newId()];
  runner.wakeFor(tenantId, await numbered(first), isNew);
  await started.promise;
  // The run has read the last position, and has not ended.
  runner.wakeFor(tenantId, await numbered(second), isNew);
  goOn.resolve();
  await until(() => runner.isIdle, { what: "the consumer is idle" });
  expect(handled).toEqual([first, second]);
  term.abort();
  await runner.settled();
});

test("a consumer does not run again for events that it has read from the log before it was woken for them", async () => {
  const meta = await bare.tenant();
  const { tenantId } = meta;
  const subjects = Array.from({ length: 3 }, () => newId());
  await asTenant(bare.databases.app, { tenantId }, "write", (tx) =>
    appendEvents(
      tx,
      meta,
      subjects.map((subjectId) => ({ type: "vendor.updated" as const, subjectId, subjectVersion: 1, payload: { changed: [] } })),
    ),
  );
  await numberAll();
  const events = await asTenant(bare.databases.app, { tenantId }, "read", (tx) => readEvents(tx, { afterPosition: 0, limit: 10 }));
  const { runner, term, handled, started, goOn } = aPausedConsumer({ name: "ahead" });
  const woken = { passed: new Set<string>(), size: 0 };
  const locks: string[] = [];
  bare.databases.app.onStatement = (text) => void (text.includes("/* lockCursor */") && locks.push(text));
  runner.wake(tenantId);
  await started.promise;
  // Once while it handles them, and once afterwards.
  runner.wakeFor(tenantId, events, woken);
  goOn.resolve();
  await until(() => runner.isIdle, { what: "the consumer is idle" });
  runner.wakeFor(tenantId, events, woken);
  expect(runner.isIdle).toBe(true);
  expect(handled).toEqual(subjects);
  // One run, which locks the cursor to count the attempt and to handle the events.
  expect(locks).toHaveLength(2);
  // Another relay has numbered events: they are not known.
  runner.wakeFor(tenantId, [], woken);
  expect(runner.isIdle).toBe(false);
  await until(() => runner.isIdle, { what: "the consumer is idle" });
  bare.databases.app.onStatement = undefined;
  term.abort();
  await runner.settled();
});

test("an event behind a long backlog of other types is found in several short steps, each of which moves the cursor", async () => {
  const meta = await bare.tenant();
  const { tenantId } = meta;
  const within = <T>(fn: (tx: Tx) => Promise<T>) => asTenant(bare.databases.app, { tenantId }, "write", fn);
  const others = Array.from({ length: 1_100 }, () => newId());
  const wanted = newId();
  await within((tx) =>
    appendEvents(tx, meta, [
      ...others.map((subjectId) => ({ type: "vendor.updated" as const, subjectId, subjectVersion: 1, payload: { changed: [] } })),
      { type: "building.updated", subjectId: wanted, subjectVersion: 1, payload: { changed: [] } },
    ]),
  );
  await numberAll();
  const handled: string[] = [];
  const consumer: EventConsumer = {
    name: "rare",
    types: ["building.updated"],
    handle: (_tx, event) => Promise.resolve(void handled.push(event.subjectId)),
  };
  const steps: { position: number; hasMore: boolean }[] = [];
  for (let hasMore = true; hasMore;) {
    ({ hasMore } = await consumeBatch(bare.databases.app, consumer, { tenantId, care: "trusting", onPoison: () => Promise.resolve() }));
    const [cursor] = await bare.owner<{ position: string }[]>`select position from events.consumer_cursors where tenant_id = ${tenantId}`;
    steps.push({ position: Number(cursor?.position), hasMore });
  }
  const head = await within(headPosition);
  expect(head).toBeGreaterThan(1_100);
  expect(steps).toEqual([
    { position: 500, hasMore: true },
    { position: 1_000, hasMore: true },
    { position: head, hasMore: false },
  ]);
  expect(handled).toEqual([wanted]);
});

test("a batch that takes too long ends after an event, and the next batch continues with the following one", async () => {
  const meta = await bare.tenant();
  const { tenantId } = meta;
  const subjects = Array.from({ length: 3 }, () => newId());
  await asTenant(bare.databases.app, { tenantId }, "write", (tx) =>
    appendEvents(
      tx,
      meta,
      subjects.map((subjectId) => ({ type: "vendor.updated" as const, subjectId, subjectVersion: 1, payload: { changed: [] } })),
    ),
  );
  await numberAll();
  const handled: string[] = [];
  const consumer: EventConsumer = {
    name: "slow",
    types: ["vendor.updated"],
    handle: (_tx, event) => Promise.resolve(void handled.push(event.subjectId)),
  };
  const batch = (batchMs?: number) =>
    consumeBatch(bare.databases.app, consumer, {
      tenantId,
      care: "trusting",
      onPoison: () => Promise.resolve(),
      ...(batchMs !== undefined && { batchMs }),
    });
  expect(await batch(0)).toMatchObject({ hasHandled: true, hasMore: true });
  expect(handled).toEqual(subjects.slice(0, 1));
  expect(await batch()).toMatchObject({ hasHandled: true, hasMore: false });
  expect(handled).toEqual(subjects);
});
