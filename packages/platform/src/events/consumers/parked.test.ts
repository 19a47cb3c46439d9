import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "../../db/as-tenant.js";
import { ServiceUnavailable } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { inProcessPubSub } from "../../pubsub/in-process.js";
import { appendEvents } from "../append.js";
import { MAX_ATTEMPTS, MAX_PARKED_IN_ROW } from "./consume.js";
import { ConsumerRunner } from "./consumer-runner.js";
import type { EventConsumer } from "./consumer.js";
import type { OnPoison, Poison } from "./parked.js";
import { startRelay } from "../relay/relay.js";

let bare: BareDatabase;
const silent = { info: () => undefined, error: () => undefined };

beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

/** Creates a tenant with this many numbered events. Returns their IDs. */
async function aTenantWith(count: number): Promise<{ tenantId: string; ids: string[] }> {
  const meta = await bare.tenant();
  const { tenantId } = meta;
  await asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
    for (let at = 0; at < count; at++)
      await appendEvents(tx, meta, [{ type: "vendor.updated", subjectId: newId(), subjectVersion: 1, payload: { changed: [] } }]);
  });
  const relay = await startRelay({ databases: bare.databases, pubsub: inProcessPubSub(), consumers: [], log: silent });
  await relay.idle();
  await relay.stop();
  const rows = await bare.owner<
    { id: string }[]
  >`select event_id as id from events.positions where tenant_id = ${tenantId} order by position`;
  return { tenantId, ids: rows.map(({ id }) => id) };
}

const parkedOf = (tenantId: string) =>
  bare.owner<
    { event_id: string; status: string; attempts: number }[]
  >`select event_id, status, attempts from events.parked where tenant_id = ${tenantId}`;

interface Run {
  readonly tenantId: string;
  /** Handles an event. Throws to fail at it, or ends the runner to simulate the end of the process. */
  readonly handle: (id: string) => Promise<void> | void;
  readonly onPoison?: OnPoison;
}

function aRunner({ tenantId, handle, onPoison }: Run) {
  const told: Poison[] = [];
  const term = new AbortController();
  const consumer: EventConsumer = {
    name: "poisoned",
    types: ["vendor.updated"],
    handle: async (_tx, event) => {
      if (event.tenantId === tenantId) await handle(event.id);
    },
  };
  const runner = new ConsumerRunner({
    database: bare.databases.app,
    consumers: [consumer],
    log: silent,
    onHandled: () => undefined,
    onPoison: async (tx, poison) => {
      await onPoison?.(tx, poison);
      told.push(poison);
    },
    term: term.signal,
    firstRetryMs: 0,
  });
  return { runner, told, end: () => term.abort() };
}

test("an event that always fails is parked after its last attempt, a user is notified, and the other events are handled once, in order", async () => {
  const { tenantId, ids } = await aTenantWith(5);
  const handled: string[] = [];
  let tries = 0;
  const handle = (id: string) => {
    if (id === ids[2] && ++tries > 0) throw new Error("poison");
    handled.push(id);
  };
  const { runner, told, end } = aRunner({ tenantId, handle });
  runner.wake(tenantId);
  await until(() => runner.isIdle, { what: "the consumer has gone on" });
  end();
  expect(await parkedOf(tenantId)).toEqual([{ event_id: ids[2], status: "PARKED", attempts: MAX_ATTEMPTS }]);
  expect(told).toMatchObject([{ consumer: "poisoned", instanceId: null, event: { id: ids[2] } }]);
  // The first batch was rolled back with the event that failed in it.
  expect(handled.slice(-4)).toEqual([ids[0], ids[1], ids[3], ids[4]]);
  expect(tries).toBeLessThanOrEqual(MAX_ATTEMPTS + 1);

  // A retry that a user requests has as many attempts. Then the event is parked again, or handled.
  const retry = () => bare.owner`update events.parked set status = 'RETRY', attempts = 0 where tenant_id = ${tenantId}`;
  await retry();
  const again = aRunner({ tenantId, handle });
  again.runner.wake(tenantId);
  await until(() => again.runner.isIdle, { what: "it was tried again" });
  again.end();
  expect(again.told).toHaveLength(1);
  expect(await parkedOf(tenantId)).toMatchObject([{ status: "PARKED" }]);
  await retry();
  const last = aRunner({ tenantId, handle: (id) => void handled.push(id) });
  last.runner.wake(tenantId);
  await until(() => last.runner.isIdle, { what: "it is handled" });
  last.end();
  expect(handled.at(-1)).toBe(ids[2]);
  expect(await parkedOf(tenantId)).toMatchObject([{ status: "DONE" }]);
});

test("a backlog is handled in batches, and after a batch that fails, one event at a time", async () => {
  const { tenantId } = await aTenantWith(250);
  const sizes: number[] = [];
  let hasFailed = false;
  const handled = (count: number) => {
    const before = sizes.reduce((sum, size) => sum + size, 0);
    if (before === 200 && !hasFailed) {
      hasFailed = true;
      throw new Error("once");
    }
    sizes.push(count);
  };
  const term = new AbortController();
  const runner = new ConsumerRunner({
    database: bare.databases.app,
    consumers: [
      {
        name: "batched",
        types: ["vendor.updated"],
        handle: async () => handled(1),
        handleBatch: async (_tx, events) => handled(events.length),
      },
    ],
    log: silent,
    onHandled: () => undefined,
    onPoison: () => Promise.resolve(),
    term: term.signal,
    firstRetryMs: 0,
  });
  runner.wake(tenantId);
  await until(() => runner.isIdle, { what: "the consumer has caught up" });
  term.abort();
  expect(sizes.slice(0, 2)).toEqual([100, 100]);
  expect(new Set(sizes.slice(2))).toEqual(new Set([1]));
  expect(sizes).toHaveLength(52);
});

test("attempts that crashed the process count: the attempt after the last one does not touch the event", async () => {
  const { tenantId, ids } = await aTenantWith(3);
  let deaths = 0;
  for (;;) {
    let died = false;
    const handled: string[] = [];
    const { runner, told, end } = aRunner({
      tenantId,
      handle: (id) => {
        handled.push(id);
        if (id !== ids[1]) return;
        died = true;
        end();
        // As if the process ended here: its transaction is rolled back, and nothing is left to count the failure.
        throw new Error("the process died");
      },
    });
    runner.wake(tenantId);
    await until(() => died || runner.isIdle, { what: "the process died, or all is done" });
    await runner.settled();
    end();
    if (!died) {
      expect(handled).toEqual([ids[2]]);
      expect(told).toHaveLength(1);
      break;
    }
    deaths++;
    expect(deaths).toBeLessThanOrEqual(MAX_ATTEMPTS + 1);
  }
  expect(await parkedOf(tenantId)).toMatchObject([{ event_id: ids[1], status: "PARKED" }]);
});

test("waits for an unavailable service for as long as needed, and parks nothing", async () => {
  const { tenantId, ids } = await aTenantWith(1);
  let tries = 0;
  const handled: string[] = [];
  const { runner, end } = aRunner({
    tenantId,
    handle: (id) => {
      if (++tries <= MAX_ATTEMPTS + 2) throw new ServiceUnavailable("mail");
      handled.push(id);
    },
  });
  runner.wake(tenantId);
  await until(() => runner.isIdle, { what: "the service is back" });
  end();
  expect(handled).toEqual(ids);
  expect(await parkedOf(tenantId)).toEqual([]);
});

test("parks an event even if no user can be notified of it", async () => {
  const { tenantId, ids } = await aTenantWith(2);
  const handled: string[] = [];
  const { runner, end } = aRunner({
    tenantId,
    handle: (id) => {
      if (id === ids[0]) throw new Error("poison");
      handled.push(id);
    },
    onPoison: () => Promise.reject(new Error("deaf")),
  });
  runner.wake(tenantId);
  await until(() => runner.isIdle, { what: "the consumer has gone on" });
  end();
  expect(handled.at(-1)).toBe(ids[1]);
  expect(await parkedOf(tenantId)).toMatchObject([{ event_id: ids[0], status: "PARKED" }]);
});

test("if events fail one after another, the events are not the cause: three are parked, and the next one waits", async () => {
  const { tenantId, ids } = await aTenantWith(6);
  let isBroken = true;
  const handled: string[] = [];
  const tries = new Map<string, number>();
  const { runner, end } = aRunner({
    tenantId,
    handle: (id) => {
      tries.set(id, (tries.get(id) ?? 0) + 1);
      if (isBroken) throw new Error("the table is gone");
      handled.push(id);
    },
  });
  runner.wake(tenantId);
  const fourth = ids[MAX_PARKED_IN_ROW] ?? "";
  await until(() => (tries.get(fourth) ?? 0) > MAX_ATTEMPTS + 2, { what: "the next one is tried further" });
  expect((await parkedOf(tenantId)).map(({ event_id }) => event_id)).toEqual(ids.slice(0, MAX_PARKED_IN_ROW));
  isBroken = false;
  await until(() => runner.isIdle, { what: "the consumer has caught up" });
  end();
  expect(handled).toEqual(ids.slice(MAX_PARKED_IN_ROW));
  expect(await parkedOf(tenantId)).toHaveLength(MAX_PARKED_IN_ROW);
});
