import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "../db/as-tenant.js";
import { BadUserInput, Conflict } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import type { WriteMeta } from "../events/write-meta.js";
import { once } from "./once.js";
import type { OnceCall } from "./once.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

/** Returns a tenant and functions for its calls. The calls count how often they really ran. */
async function aCaller(meta?: WriteMeta) {
  const who = meta ?? (await bare.tenant());
  const runs: string[] = [];
  const call = (
    { mutation = "createRequest", key = "k", input = { name: "a" } }: Partial<OnceCall> = {},
    during: () => Promise<void> = () => Promise.resolve(),
  ) =>
    asTenant(bare.databases.app, { tenantId: who.tenantId, userId: who.actorId }, "write", (tx) =>
      once(tx, who, { mutation, key, input }, async () => {
        const id = newId();
        runs.push(id);
        await during();
        return { id };
      }),
    );
  return { who, runs, call };
}

test("for two sequential calls with the same key, the second is a replay of the first", async () => {
  const { call, runs } = await aCaller();
  const first = await call();
  const second = await call();
  expect(first).toEqual({ result: { id: runs[0] }, replayed: false });
  expect(second).toEqual({ result: { id: runs[0] }, replayed: true });
  expect(runs).toHaveLength(1);
});

test("of fifty concurrent calls one runs, and all get its result", async () => {
  const { call, runs } = await aCaller();
  const answers = await Promise.all(Array.from({ length: 50 }, () => retried(() => call())));
  expect(runs).toHaveLength(1);
  expect(new Set(answers.map(({ result }) => result["id"]))).toEqual(new Set(runs));
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
});

/** Fifty callers are more than the pool can serve within its timeout. */
async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await run();
    } catch (error) {
      if (tries > 20 || (error as { code?: string }).code !== "SERVICE_UNAVAILABLE") throw error;
    }
  }
}

test("a repeated key with another input causes CONFLICT; the order of members and the key itself do not matter", async () => {
  const { call, runs } = await aCaller();
  await call({ input: { name: "a", tags: ["x"], more: { b: 1, a: undefined } } });
  await expect(call({ input: { name: "b" } })).rejects.toThrow(Conflict);
  expect((await call({ input: { idempotencyKey: "k", more: { b: 1 }, tags: ["x"], name: "a" } })).replayed).toBe(true);
  expect(runs).toHaveLength(1);
});

test("a key belongs to one tenant, one user, and one mutation", async () => {
  const { who, call, runs } = await aCaller();
  await call();
  await call({ mutation: "createVendor" });
  expect(runs).toHaveLength(2);
  const colleague = await aCaller({ ...who, actorId: newId() });
  await colleague.call();
  const stranger = await aCaller();
  await stranger.call();
  expect([colleague.runs.length, stranger.runs.length]).toEqual([1, 1]);
});

test("a call that fails leaves its key free", async () => {
  const { call, runs } = await aCaller();
  await expect(call({}, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect((await call()).replayed).toBe(false);
  expect(runs).toHaveLength(2);
});

test("a waiting duplicate takes over if the first call fails", async () => {
  const { call, runs } = await aCaller();
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const first = call({}, () => {
    started.resolve();
    return gate.promise;
  });
  await started.promise;
  const second = call();
  gate.reject(new Error("failed"));
  await expect(first).rejects.toThrow("failed");
  expect((await second).replayed).toBe(false);
  expect(runs).toHaveLength(2);
});

test("without a key every call runs, and a key is limited in length", async () => {
  const { call, runs } = await aCaller();
  await call({ key: null });
  await call({ key: undefined });
  expect(runs).toHaveLength(2);
  await expect(call({ key: "" })).rejects.toThrow(BadUserInput);
  await expect(call({ key: "x".repeat(201) })).rejects.toThrow(BadUserInput);
});
