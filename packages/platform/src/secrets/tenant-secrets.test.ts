import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "../db/as-tenant.js";
import type { Tx } from "../db/database.js";
import { oneMasterKey } from "./master-keys.js";
import { type TenantSecrets, tenantSecrets } from "./tenant-secrets.js";

const masterKey = oneMasterKey(new Uint8Array(32).fill(9));
let bare: BareDatabase;

beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

const write = <T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(bare.databases.app, { tenantId }, "write", fn);

test("what was sealed can be read in its place, by another process too", async () => {
  const { tenantId } = await bare.tenant();
  const field = "audit.webhooks.secret/1";
  const [sealed = ""] = await write(tenantId, (tx) => tenantSecrets(masterKey).seal(tx, tenantId, [{ field, value: "whsec_abc" }]));
  expect(sealed).not.toContain("abc");
  expect(await write(tenantId, (tx) => tenantSecrets(masterKey).open(tx, tenantId, [{ field, value: sealed }]))).toEqual(["whsec_abc"]);
});

test("a ciphertext that was moved to another row or tenant, changed, or sealed with another master key cannot be read", async () => {
  const [{ tenantId }, other] = [await bare.tenant(), await bare.tenant()];
  const secrets = tenantSecrets(masterKey);
  const field = "audit.webhooks.secret/1";
  const [sealed = ""] = await write(tenantId, (tx) => secrets.seal(tx, tenantId, [{ field, value: "whsec_abc" }]));
  await write(other.tenantId, (tx) => secrets.seal(tx, other.tenantId, [{ field, value: "x" }]));
  const open = (of: string, value: string, at = field, by = secrets) => write(of, (tx) => by.open(tx, of, [{ field: at, value }]));
  const flipped = `${sealed.slice(0, -4)}${sealed.at(-4) === "A" ? "B" : "A"}${sealed.slice(-3)}`;
  for (const attempt of [
    () => open(tenantId, sealed, "audit.webhooks.secret/2"),
    () => open(other.tenantId, sealed),
    () => open(tenantId, flipped),
    () => open(tenantId, "plain text"),
    () => open(tenantId, sealed, field, tenantSecrets(oneMasterKey(new Uint8Array(32).fill(8)))),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
});

test("transactions that seal a tenant's first secrets at the same time use one key", async () => {
  const { tenantId } = await bare.tenant();
  const sealed = await Promise.all(
    Array.from({ length: 4 }, (_, at) =>
      write(tenantId, (tx) => tenantSecrets(masterKey).seal(tx, tenantId, [{ field: `f/${at}`, value: String(at) }])),
    ),
  );
  const opened = await write(tenantId, (tx) =>
    tenantSecrets(masterKey).open(
      tx,
      tenantId,
      sealed.map(([value = ""], at) => ({ field: `f/${at}`, value })),
    ),
  );
  expect(opened).toEqual(["0", "1", "2", "3"]);
});

test("a key whose transaction was rolled back is not used by others", async () => {
  const { tenantId } = await bare.tenant();
  const secrets = tenantSecrets(masterKey);
  await expect(
    write(tenantId, async (tx) => {
      await secrets.seal(tx, tenantId, [{ field: "f/1", value: "lost" }]);
      throw new Error("rolled back");
    }),
  ).rejects.toThrow("rolled back");
  const [sealed = ""] = await write(tenantId, (tx) => secrets.seal(tx, tenantId, [{ field: "f/1", value: "kept" }]));
  expect(await write(tenantId, (tx) => tenantSecrets(masterKey).open(tx, tenantId, [{ field: "f/1", value: sealed }]))).toEqual(["kept"]);
});

test("a rotation gives new secrets another key: earlier secrets stay readable, also in a process that cached the first key", async () => {
  const { tenantId } = await bare.tenant();
  const [one, two] = [tenantSecrets(masterKey), tenantSecrets(masterKey)];
  const seal = (by: TenantSecrets, value: string) => write(tenantId, (tx) => by.seal(tx, tenantId, [{ field: "f/1", value }]));
  const open = (by: TenantSecrets, values: readonly string[]) =>
    write(tenantId, (tx) =>
      by.open(
        tx,
        tenantId,
        values.map((value) => ({ field: "f/1", value })),
      ),
    );
  const [first = ""] = await seal(one, "a");
  expect(await open(two, [first])).toEqual(["a"]);
  expect(await write(tenantId, (tx) => one.rotate(tx, tenantId))).toBe(2);
  const [second = ""] = await seal(one, "b");
  expect([first, second].map((sealed) => sealed.split(":")[2])).toEqual(["1", "2"]);
  for (const process of [one, two]) expect(await open(process, [first, second])).toEqual(["a", "b"]);
});

test("after two rotations at the same time, each process can read what the other one encrypts", async () => {
  const { tenantId } = await bare.tenant();
  const processes = [tenantSecrets(masterKey), tenantSecrets(masterKey)] as const;
  await write(tenantId, (tx) => processes[0].seal(tx, tenantId, [{ field: "f/1", value: "x" }]));
  await Promise.all(processes.map((one) => write(tenantId, (tx) => one.rotate(tx, tenantId))));
  const sealed = await Promise.all(
    processes.map((one) => write(tenantId, async (tx) => (await one.seal(tx, tenantId, [{ field: "f/1", value: "y" }]))[0] ?? "")),
  );
  for (const one of processes)
    for (const value of sealed) expect(await write(tenantId, (tx) => one.open(tx, tenantId, [{ field: "f/1", value }]))).toEqual(["y"]);
});

test("blind indexes are those of equal texts in the same field and tenant, and say nothing about the value", async () => {
  const [{ tenantId }, other] = [await bare.tenant(), await bare.tenant()];
  const secrets = tenantSecrets(masterKey);
  const indexOf = async (of: string, indexedAs: string | null, value: string) => {
    const [sealed] = await write(of, (tx) => secrets.sealSearchable(tx, of, [{ field: `f/${value}`, value, indexedAs }]));
    return sealed?.index;
  };
  const index = await indexOf(tenantId, "f", "Z\u00fcrich");
  expect(index).toMatch(/^[\w-]{22}$/);
  expect(await indexOf(tenantId, "f", "Zu\u0308rich")).toBe(index);
  for (const another of [
    await indexOf(tenantId, "g", "Z\u00fcrich"),
    await indexOf(tenantId, "f", "z\u00fcrich"),
    await indexOf(other.tenantId, "f", "Z\u00fcrich"),
  ])
    expect(another).not.toBe(index);
  expect(await indexOf(tenantId, null, "Z\u00fcrich")).toBeNull();
});

test("a search considers the indexes of all keys, also of one that another process has just created", async () => {
  const { tenantId } = await bare.tenant();
  const [rotating, searching] = [tenantSecrets(masterKey), tenantSecrets(masterKey)];
  const secret = { field: "f/1", indexedAs: "f", value: "x" };
  const indexBy = async (secrets: TenantSecrets) => {
    const [sealed] = await write(tenantId, (tx) => secrets.sealSearchable(tx, tenantId, [secret]));
    return sealed?.index ?? "";
  };
  const search = async (newest: number) => (await write(tenantId, (tx) => searching.blindIndexes(tx, tenantId, [secret], newest)))[0];
  const first = await indexBy(rotating);
  expect(await search(1)).toEqual([first]);
  const newest = await write(tenantId, (tx) => rotating.rotate(tx, tenantId));
  const second = await indexBy(rotating);
  expect(second).not.toBe(first);
  expect(await search(newest)).toEqual([second, first]);
});
