import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { writeKeysFile } from "@weft/platform/config";
import { asTenant } from "@weft/platform/db";
import { appendEvents, readEvents, type WriteMeta } from "@weft/platform/events";
import { redisPubSub } from "@weft/platform/pubsub";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { followEvents } from "@weft/testkit/live/follow-events";
import { startRedisServer, type RedisServer } from "@weft/testkit/processes/redis-server";
import { until } from "@weft/testkit/until";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "weft-worker-"));
const prefix = "weft-worker-test";
const running = new Set<ChildProcess>();
let bare: BareDatabase;
let redis: RedisServer;

beforeAll(async () => {
  bare = await openBareDatabase();
  redis = await startRedisServer();
  writeKeysFile(join(folder, "keys.json"), "demo");
});

afterEach(async () => {
  for (const child of running) await ended(child, "SIGKILL");
});

afterAll(async () => {
  await redis.stop();
  await bare.close();
  rmSync(folder, { recursive: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly output: () => string;
}

async function startWorkerProcess(chaos = ""): Promise<Running> {
  const { database } = bare;
  const child = spawn(process.execPath, ["--conditions=weft-chaos", main], {
    env: {
      PATH: process.env["PATH"],
      WEFT_MODE: "demo",
      LOG_FORMAT: "json",
      WEFT_KEYS_FILE: join(folder, "keys.json"),
      REDIS_URL: redis.url,
      REDIS_PREFIX: prefix,
      WEFT_CHAOS: chaos,
      DATABASE_URL: database.appUrl,
      DATABASE_WORKER_URL: database.workerUrl,
      DATABASE_AUTH_URL: database.authUrl,
    },
  });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  const url = await until(
    () => /"url":"(http[^"]+)"/.exec(output)?.[1] ?? (child.exitCode === null ? null : Promise.reject(new Error(output))),
    {
      what: "the worker is at work",
      deadlineMs: 60_000,
    },
  );
  return { child, url, output: () => output };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  // Its exit can be seen before what it wrote has been read.
  const close = once(child, "close");
  child.kill(signal);
  const [code] = (await close) as [number | null];
  return code;
}

const write = (meta: WriteMeta, versions: readonly number[], subjectId = newId()): Promise<void> =>
  asTenant(bare.databases.app, { tenantId: meta.tenantId }, "write", async (tx) => {
    await appendEvents(
      tx,
      meta,
      versions.map((subjectVersion) => ({ type: "vendor.updated", subjectId, subjectVersion, payload: { changed: [] } })),
    );
    await writeAudit(tx, meta, [{ action: "vendor.update", entityType: "vendor", entityId: subjectId, before: null, after: {} }]);
  });

test("F21: if a relay is killed between the commit that numbers events and their publishing, a subscriber still receives each event once, in order", async () => {
  const meta = await bare.tenant();
  const pubsub = await redisPubSub(redis.url, `${prefix}:`);
  const heard: EventEnvelope[] = [];
  const feed = await followEvents({
    pubsub,
    read: (tenantId, afterPosition, limit) =>
      asTenant(bare.databases.app, { tenantId }, "read", (tx) => readEvents(tx, { afterPosition, limit })),
    onEvent: (event) => heard.push(event),
    log: { error: () => undefined },
  });
  feed.follow(meta.tenantId, 0);

  const subject = newId();
  const doomed = await startWorkerProcess("relay.numbered:3");
  const standby = await startWorkerProcess();
  for (let version = 1; doomed.child.signalCode === null; version++) {
    await write(meta, [version], subject);
    await pubsub.publish("outbox", "");
    await until(() => heard.length >= version || doomed.child.signalCode !== null, { what: "the event came or the relay was killed" });
  }
  expect(doomed.child.signalCode).toBe("SIGKILL");
  await until(() => heard.length >= 3, { what: "the standby has taken over and announced what was missed" });
  await write(meta, [4, 5, 6], subject);
  await until(() => heard.length >= 6, { what: "new events come" });
  expect(heard.map(({ position, subjectVersion }) => [position, subjectVersion])).toEqual([1, 2, 3, 4, 5, 6].map((n) => [n, n]));
  expect(await ended(standby.child, "SIGTERM")).toBe(0);
  await feed.close();
  await pubsub.close();
});

test("a worker reports its health, seals waiting audit entries, and drains on SIGTERM", async () => {
  const meta = await bare.tenant();
  await write(meta, [1]);
  const worker = await startWorkerProcess();
  expect((await fetch(`${worker.url}/health/live`)).status).toBe(200);
  expect(await (await fetch(`${worker.url}/health/ready`)).json()).toEqual({ status: "healthy" });
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toMatch(/^weft_deliveries_due\{channel="WEBHOOK"\} 0$/m);
  expect(metrics).toMatch(/^weft_queue_turns_total\{queue="bulkOperations",result="done"\} 0$/m);
  expect((await fetch(`${worker.url}/else`)).status).toBe(404);
  await until(async () => (await bare.owner`select from audit.seals where tenant_id = ${meta.tenantId}`).length === 1, {
    what: "the entry is sealed",
  });
  expect(await ended(worker.child, "SIGTERM")).toBe(0);
  expect(worker.output()).toContain("audit checkpoint");
});
