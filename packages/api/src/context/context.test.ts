import { vendors } from "@weft/drizzle";
import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { inArray, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Unauthenticated } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { newId } from "@weft/shared/ids";
import { aCall, aViewer } from "@weft/shared/testing";
import type { Viewer } from "@weft/shared/viewer";
import { type Databases, openDatabases, type Tx } from "@weft/platform/db";
import { createLogger } from "@weft/platform/logging";
import { servicesWithoutDatabase } from "@weft/platform/testing";
import { openContext, type OpenContext } from "./context.js";

let bare: BareDatabase;
/** Databases with one app connection: a request that holds it and needs a second one times out. */
let databases: Databases;
beforeAll(async () => {
  bare = await openBareDatabase();
  databases = await openDatabases({ ...bare.database, pools: { app: 1, worker: 5, auth: 1, health: 1 }, waitTimeoutMs: 500 });
});
afterAll(async () => {
  await databases.close();
  await bare.close();
});

const aRequest = async (viewer?: Viewer | null) => {
  const services = servicesWithoutDatabase(databases);
  return openContext(services, aCall(viewer === undefined ? aViewer({ tenantId: (await bare.tenant()).tenantId }) : viewer));
};

const place = (tx: Tx) =>
  tx.execute<{ at: string; pid: number }>(sql`select now()::text as at, pg_backend_pid() as pid`).then(([row]) => row);
const addVendor = (tx: Tx, tenantId: string, name: string) =>
  tx.insert(vendors.vendors).values({ tenantId, id: newId(), code: newId(), name });
const countVendors = (tx: Tx) => tx.$count(vendors.vendors);

test("all reads of a request use one snapshot, which ends with the response", async () => {
  const ctx = await aRequest();
  const [one, two] = await Promise.all([ctx.read(place), ctx.read(place)]);
  expect(one).toEqual(two);
  expect(await ctx.read(place)).toEqual(one);
  expect(databases.app.load().inUse).toBe(1);
  await ctx.close();
  expect(databases.app.load().inUse).toBe(0);
});

test("closing logs that a read transaction was lost, unless a statement reported it, and does not reject", async () => {
  const lines: string[] = [];
  const log = createLogger({ logLevel: "warn" }, { write: (line: string) => void lines.push(line) });
  const { tenantId } = await bare.tenant();
  const lose = async (): Promise<OpenContext> => {
    const ctx = openContext({ ...servicesWithoutDatabase(databases), log }, aCall(aViewer({ tenantId })));
    const read = await ctx.read(place);
    await bare.owner`select pg_terminate_backend(${read?.pid ?? 0}, 5000)`;
    return ctx;
  };
  await (await lose()).close();
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(["a read transaction did not end with a commit"]);
  const reported = await lose();
  await expect(reported.read(place)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  await reported.close();
  expect(lines).toHaveLength(1);
  expect(databases.app.load().inUse).toBe(0);
});

test("a read cannot write", async () => {
  const ctx = await aRequest();
  await expect(ctx.read((tx) => addVendor(tx, ctx.viewer.tenantId, "x"))).rejects.toMatchObject({ cause: { code: "25006" } });
  await ctx.close();
});

test("a write takes over the connection of earlier reads, and later reads see the changes", async () => {
  const ctx = await aRequest();
  expect(await ctx.read(countVendors)).toBe(0);
  await ctx.inTenant((tx) => addVendor(tx, ctx.viewer.tenantId, "Otis"));
  expect(await ctx.read(countVendors)).toBe(1);
  await ctx.inTenant((tx) => addVendor(tx, ctx.viewer.tenantId, "Kone"));
  expect(await ctx.read(countVendors)).toBe(2);
  await ctx.close();
});

test("a write that throws leaves no changes behind", async () => {
  const ctx = await aRequest();
  const failing = ctx.inTenant(async (tx) => {
    await addVendor(tx, ctx.viewer.tenantId, "Otis");
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  expect(await ctx.read(countVendors)).toBe(0);
  await ctx.close();
});

test("refuses a second transaction inside a write, and any transaction after the response, instead of waiting", async () => {
  const ctx = await aRequest();
  await expect(ctx.inTenant(() => ctx.read(countVendors))).rejects.toThrow(/Use the transaction it provides/);
  await expect(ctx.inTenant(() => ctx.inTenant(countVendors))).rejects.toThrow(/Use the transaction it provides/);
  await ctx.close();
  await expect(ctx.read(countVendors)).rejects.toThrow(/after the response/);
});

test("a loader sends one query for all keys, returns null for missing ones, and clears its cache on a write", async () => {
  const ctx = await aRequest();
  const { tenantId } = ctx.viewer;
  const [known, unknown] = [newId(), newId()];
  const insert = (name: string) => ctx.inTenant((tx) => tx.insert(vendors.vendors).values({ tenantId, id: known, code: "V", name }));
  const asked: number[] = [];
  const names = () =>
    ctx.loader<string, string>("vendorName", async (tx, ids) => {
      asked.push(ids.length);
      const rows = await tx
        .select({ id: vendors.vendors.id, name: vendors.vendors.name })
        .from(vendors.vendors)
        .where(inArray(vendors.vendors.id, [...ids]));
      return new Map(rows.map((row) => [row.id, row.name]));
    });
  expect(await names().load(known)).toBeNull();
  await insert("Otis");
  expect(await Promise.all([names().load(known), names().load(unknown), names().load(known)])).toEqual(["Otis", null, "Otis"]);
  expect(asked).toEqual([1, 2]);
  await ctx.close();
});

test("an anonymous caller has no viewer, no meta, and no transaction", async () => {
  const ctx = await aRequest(null);
  expect(ctx.maybeViewer).toBeNull();
  expect(() => ctx.viewer).toThrow(Unauthenticated);
  expect(() => ctx.meta).toThrow(Unauthenticated);
  await expect(ctx.read(countVendors)).rejects.toThrow(Unauthenticated);
  await expect(ctx.inTenant(countVendors)).rejects.toThrow(Unauthenticated);
  await ctx.close();
});

test("the transaction uses the viewer's tenant, and a commit wakes the relay", async () => {
  const ctx = await aRequest();
  const woken = Promise.withResolvers<void>();
  await ctx.services.pubsub.subscribe(channels.outbox, () => woken.resolve());
  const [row] = await ctx.inTenant((tx) =>
    tx.execute<{ tenant: string; user: string }>(sql`select app.tenant() as tenant, app.user_id() as "user"`),
  );
  expect(row).toEqual({ tenant: ctx.viewer.tenantId, user: ctx.viewer.userId });
  await woken.promise;
  expect(ctx.meta).toMatchObject({
    tenantId: ctx.viewer.tenantId,
    actorId: ctx.viewer.userId,
    sessionId: ctx.viewer.sessionId,
    requestId: "test-request",
  });
  await ctx.close();
});

test("an unavailable database causes SERVICE_UNAVAILABLE for reads and writes, and closing still works", { tags: "slow" }, async () => {
  const busy = await aRequest();
  await busy.read(place);
  const ctx = await aRequest();
  await expect(ctx.read(countVendors)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  await expect(ctx.inTenant(countVendors)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  await ctx.close();
  await busy.close();
});

test("a connection lost during a request causes SERVICE_UNAVAILABLE for running and later statements", async () => {
  const ctx = await aRequest();
  const at = await ctx.read(place);
  const sleeping = ctx.read((tx) => tx.execute(sql`select pg_sleep(60)`));
  const told = expect(sleeping).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  await bare.owner`select pg_terminate_backend(${at?.pid ?? 0}, 5000)`;
  await told;
  await expect(ctx.read(countVendors)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  await expect(ctx.loader("vendors", async (tx) => new Map([["a", await countVendors(tx)]])).load("a")).rejects.toMatchObject({
    code: "SERVICE_UNAVAILABLE",
  });
  await ctx.close();
});

test("a canceled statement also cancels the other reads of its request, and all get the same error", async () => {
  const ctx = await aRequest();
  const slow = ctx.read(async (tx) => {
    // Long enough for the read that is sent before the sleep.
    await tx.execute(sql`set local statement_timeout = 500`);
    await tx.execute(sql`select pg_sleep(60)`);
  });
  const told = expect(slow).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  await expect(ctx.read(countVendors)).resolves.toBe(0);
  await told;
  await expect(ctx.read(countVendors)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  await ctx.close();
});

test("no work starts for a caller who has disconnected, and a write that has started is completed", async () => {
  const { tenantId } = await bare.tenant();
  const leaving = new AbortController();
  const ctx = openContext(servicesWithoutDatabase(databases), aCall(aViewer({ tenantId })), leaving.signal);
  await ctx.inTenant(async (tx) => {
    await addVendor(tx, tenantId, "Otis");
    leaving.abort(new Error("gone"));
    await addVendor(tx, tenantId, "Kone");
  });
  const abandoned = { name: "Abandoned", extensions: { code: "SERVICE_UNAVAILABLE" } };
  await expect(ctx.read(countVendors)).rejects.toMatchObject(abandoned);
  await expect(ctx.inTenant((tx) => addVendor(tx, tenantId, "Schindler"))).rejects.toMatchObject(abandoned);
  await expect(ctx.joinWrite(async () => true)).rejects.toMatchObject(abandoned);
  await ctx.close();
  const after = openContext(servicesWithoutDatabase(databases), aCall(aViewer({ tenantId })));
  expect(await after.read(countVendors)).toBe(2);
  await after.close();
  expect(databases.app.load().inUse).toBe(0);
});
