import { channels } from "@weft/shared/event-catalog";
import { inProcessPubSub, type PubSub } from "@weft/platform/pubsub";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { until } from "@weft/testkit/until";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DueSource } from "./due-source.js";
import { startDueWork, type DueWork } from "./due-work.js";

let bare: BareDatabase;
let pubsub: PubSub;
beforeAll(async () => {
  bare = await openBareDatabase();
  pubsub = inProcessPubSub();
});
afterAll(async () => {
  await pubsub.close();
  await bare.close();
});

interface Piece {
  readonly tenantId: string;
  readonly dueInMs?: number;
}

/** A source of pieces in memory. Records in `done` whose piece was done. */
function sourceOf(name: string, pieces: Piece[], done: string[], fails: (tenantId: string) => boolean = () => false): DueSource {
  const began = performance.now();
  const isDue = ({ dueInMs = 0 }: Piece): boolean => performance.now() - began >= dueInMs;
  return {
    name,
    find: async (tx) => {
      const later = pieces.filter((piece) => !isDue(piece)).map(({ dueInMs = 0 }) => dueInMs - (performance.now() - began));
      const [row] = await tx.execute<{ next: string }>(
        sql`select clock_timestamp() + make_interval(secs => ${Math.max(0, Math.min(...later, 60_000)) / 1000}::float8) as next`,
      );
      return {
        tenants: [...new Set(pieces.filter(isDue).map(({ tenantId }) => tenantId))],
        next: later.length > 0 ? (row?.next ?? null) : null,
      };
    },
    next: () => Promise.resolve(null),
    run: async (tenantId, limit, signal) => {
      if (fails(tenantId)) throw new Error("cannot be done");
      const own = pieces.filter((piece) => piece.tenantId === tenantId && isDue(piece)).slice(0, signal.aborted ? 0 : limit);
      for (const piece of own) pieces.splice(pieces.indexOf(piece), 1);
      done.push(...own.map((piece) => piece.tenantId));
      await Promise.resolve();
      return own.length;
    },
  };
}

const errors: object[] = [];
const log = { error: (facts: object) => void errors.push(facts) };
const start = (...sources: DueSource[]): Promise<DueWork> => startDueWork({ sources, databases: bare.databases, pubsub, log });
const many = (tenantId: string, count: number): Piece[] => Array.from({ length: count }, () => ({ tenantId }));

test("a tenant with many pieces of due work does not delay another tenant, or another source", async () => {
  const done: string[] = [];
  const work = await start(
    sourceOf("first", [...many("busy", 1_000), ...many("quiet", 1)], done),
    sourceOf("second", many("other", 1), done),
  );
  await work.idle();
  await work.stop();
  expect(done).toHaveLength(1_002);
  // Each waits for at most one turn of the others.
  expect(done.indexOf("quiet")).toBeLessThanOrEqual(410);
  expect(done.indexOf("other")).toBeLessThanOrEqual(410);
});

test("work that fails is retried after a delay, is reported, and delays neither other tenants nor the end of idle", async () => {
  const done: string[] = [];
  let isBroken = true;
  const work = await start(sourceOf("work", [...many("broken", 2), ...many("sound", 120)], done, (id) => isBroken && id === "broken"));
  await work.idle();
  expect(done.filter((id) => id === "sound")).toHaveLength(120);
  expect(done).not.toContain("broken");
  expect(errors).toContainEqual(expect.objectContaining({ tenantId: "broken", source: "work" }));
  isBroken = false;
  await until(() => done.filter((id) => id === "broken").length === 2, { what: "the failed work is done" });
  await work.stop();
});

test("idle waits for new work of a tenant whose earlier work could not be done", async () => {
  const done: string[] = [];
  const pieces = many("tenant", 1);
  let attempts = 0;
  const source = sourceOf("work", pieces, done);
  const work = await start({ ...source, run: (...turn) => (attempts++ === 0 ? Promise.resolve(0) : source.run(...turn)) });
  await until(() => attempts > 0, { what: "the first attempt" });
  pieces.length = 0;
  const tried = performance.now();
  await until(() => performance.now() - tried > 60, { what: "the delay is over" });
  pieces.push({ tenantId: "tenant" });
  await work.idle();
  await work.stop();
  expect(done).toEqual(["tenant"]);
});

test("two sources of a tenant take their turns one after the other, because each would find the other's instances locked", async () => {
  const done: string[] = [];
  let isLocked = false;
  const locking = (name: string): DueSource => {
    const source = sourceOf(name, [{ tenantId: "tenant" }], done);
    return {
      ...source,
      run: async (...turn) => {
        if (isLocked) return 0;
        isLocked = true;
        await new Promise((resolve) => setImmediate(resolve));
        isLocked = false;
        return source.run(...turn);
      },
    };
  };
  const work = await start(locking("sla"), locking("timers"));
  await work.idle();
  await work.stop();
  expect(done).toHaveLength(2);
});

test("sleeps until the next work is due, and is woken by a message", { tags: "slow" }, async () => {
  const done: string[] = [];
  const pieces: Piece[] = [{ tenantId: "later", dueInMs: 1_000 }];
  const work = await start(sourceOf("work", pieces, done));
  await work.idle();
  expect(done).toEqual([]);
  await until(() => done.length === 1, { what: "the work is done when it is due" });
  pieces.push({ tenantId: "new" });
  await pubsub.publish(channels.dueWork, "");
  await until(() => done.length === 2, { what: "the new work is done" });
  await work.stop();
  expect(done).toEqual(["later", "new"]);
});

test("two processes share the work, and each piece is done once", async () => {
  const done: string[] = [];
  const pieces = ["a", "b", "c"].flatMap((tenantId) => many(tenantId, 100));
  const both = await Promise.all([start(sourceOf("work", pieces, done)), start(sourceOf("work", pieces, done))]);
  await Promise.all(both.map((work) => work.idle()));
  await Promise.all(both.map((work) => work.stop()));
  expect(done).toHaveLength(300);
});

test("a tenant whose work fails does not delay the work of another tenant that nobody announces", { tags: "slow" }, async () => {
  const done: string[] = [];
  const pieces: Piece[] = [{ tenantId: "broken" }];
  const work = await start(sourceOf("one", pieces, done, (tenantId) => tenantId === "broken"));
  const before = errors.length;
  // The broken tenant's next attempt is then more than three seconds away.
  await until(() => errors.length >= before + 7, { what: "the broken tenant has failed often" });
  pieces.push({ tenantId: "sound" });
  const began = performance.now();
  await until(() => done.includes("sound"), { what: "the sound tenant's piece is done" });
  expect(performance.now() - began).toBeLessThan(2_500);
  await work.stop();
});

test(
  "a source that is searched rarely is searched when work is announced, and when what it has found becomes due",
  { tags: "slow" },
  async () => {
    const searches = { rare: 0, usual: 0 };
    const counted = (source: DueSource, which: keyof typeof searches): DueSource => ({
      ...source,
      find: (tx, limit) => {
        searches[which] += 1;
        return source.find(tx, limit);
      },
    });
    const done: string[] = [];
    const pieces: Piece[] = [{ tenantId: "known", dueInMs: 1_500 }];
    const rare = { ...counted(sourceOf("rare", pieces, done), "rare"), searchMs: 60_000 };
    const work = await start(counted(sourceOf("usual", [], done), "usual"), rare);
    await until(() => done.includes("known"), { what: "the known piece is done" });
    const before = { ...searches };
    await until(() => searches.usual > before.usual + 2, { what: "the other source is searched again" });
    expect(searches.rare - before.rare).toBeLessThanOrEqual(1);
    pieces.push({ tenantId: "announced" });
    await pubsub.publish(channels.dueWork, "");
    await until(() => done.includes("announced"), { what: "the announced piece is done" });
    await work.stop();
  },
);
