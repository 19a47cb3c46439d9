import { randomBytes } from "node:crypto";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "../db/as-tenant.js";
import type { Tx } from "../db/database.js";
import { newId } from "@weft/shared/ids";
import { decrypt, encrypt } from "../privacy/aes-gcm.js";
import { personKeyring } from "../privacy/keyring.js";
import { type MasterKeys, masterKeyId, masterKeys, oneMasterKey } from "./master-keys.js";
import { rewrapTenant } from "./rewrap.js";
import { tenantSecrets } from "./tenant-secrets.js";

let bare: BareDatabase;
const [first, second] = [randomBytes(32), randomBytes(32)];
const replacedAt = new Date(0).toISOString();
const during = masterKeys({ masterKey: second, nextMasterKey: null, previousMasterKeys: [{ key: first, replacedAt }] });

beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

const write = <T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(bare.databases.app, { tenantId }, "write", fn);

/** Encrypts a secret and a person's name with keys of the master keys. Returns a function that decrypts both in a process with other master keys. */
async function sealBoth(tenantId: string, known: MasterKeys, personId: string) {
  const [secret = "", name = ""] = await write(tenantId, async (tx) => [
    ...(await tenantSecrets(known).seal(tx, tenantId, [{ field: "f/1", value: "hush" }])),
    ...(await personKeyring(known).seal(tx, tenantId, [{ personId, field: "identity.users.name", value: "Ada" }])),
  ]);
  return (by: MasterKeys): Promise<string[]> =>
    write(tenantId, async (tx) => [
      ...(await tenantSecrets(by).open(tx, tenantId, [{ field: "f/1", value: secret }])),
      ...(await personKeyring(by).open(tx, tenantId, [{ field: "identity.users.name", value: name }])),
    ]);
}

const rewrap = (tenantId: string, mode: "rewrap" | "count" = "rewrap", known = during) =>
  rewrapTenant({ app: bare.databases.app, masterKeys: known, tenantId, mode });

test("after rewrapping, the new master key alone decrypts the keys of the tenant and of its persons, and the old one no longer does", async () => {
  const { tenantId } = await bare.tenant();
  const open = await sealBoth(tenantId, oneMasterKey(first), newId());
  expect(await open(during)).toEqual(["hush", "Ada"]);
  await expect(open(oneMasterKey(second))).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  expect(await rewrap(tenantId, "count")).toEqual({ found: 2, unreadable: 0 });
  expect(await rewrap(tenantId)).toEqual({ found: 2, unreadable: 0 });
  expect(await open(oneMasterKey(second))).toEqual(["hush", "Ada"]);
  await expect(open(oneMasterKey(first))).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  expect(await rewrap(tenantId)).toEqual({ found: 0, unreadable: 0 });
});

test("keys that were wrapped before master keys had IDs are read and rewrapped", async () => {
  const { tenantId } = await bare.tenant();
  const personId = newId();
  const open = await sealBoth(tenantId, oneMasterKey(first), personId);
  const prefix = `v2:${masterKeyId(first)}:`;
  await bare.owner`update app.tenant_keys set wrapped_key = replace(wrapped_key, ${prefix}, 'v1:') where tenant_id = ${tenantId}`;
  await bare.owner`update app.person_keys set wrapped_key = replace(wrapped_key, ${prefix}, 'v1:') where tenant_id = ${tenantId}`;
  expect(await open(oneMasterKey(first))).toEqual(["hush", "Ada"]);
  expect(await open(during)).toEqual(["hush", "Ada"]);
  expect(await rewrap(tenantId)).toEqual({ found: 2, unreadable: 0 });
  expect(await open(oneMasterKey(second))).toEqual(["hush", "Ada"]);
});

test("a person's key that was destroyed stays destroyed, and one that no master key decrypts is counted and not changed", async () => {
  const { tenantId } = await bare.tenant();
  const [gone, foreign] = [newId(), newId()];
  const keyring = personKeyring(oneMasterKey(first));
  await write(tenantId, (tx) => keyring.create(tx, tenantId, gone));
  await write(tenantId, (tx) => keyring.destroy(tx, tenantId, gone));
  await write(tenantId, (tx) => personKeyring(oneMasterKey(randomBytes(32))).create(tx, tenantId, foreign));
  const [before] = await bare.owner<
    { wrapped_key: string }[]
  >`select wrapped_key from app.person_keys where tenant_id = ${tenantId} and person_id = ${foreign}`;
  expect(await rewrap(tenantId)).toEqual({ found: 0, unreadable: 1 });
  const rows = await bare.owner`select person_id, wrapped_key from app.person_keys where tenant_id = ${tenantId} order by wrapped_key`;
  expect([...rows]).toEqual([
    { person_id: foreign, wrapped_key: before?.wrapped_key },
    { person_id: gone, wrapped_key: null },
  ]);
});

test("more persons than a batch holds are rewrapped, two runs at the same time included", async () => {
  const { tenantId } = await bare.tenant();
  const values = Array.from({ length: 1_100 }, () => ({ personId: newId(), field: "identity.users.name", value: "x" }));
  const sealed = await write(tenantId, (tx) => personKeyring(oneMasterKey(first)).seal(tx, tenantId, values));
  await Promise.all([rewrap(tenantId), rewrap(tenantId)]);
  expect(await rewrap(tenantId, "count")).toEqual({ found: 0, unreadable: 0 });
  const opened = await write(tenantId, (tx) =>
    personKeyring(oneMasterKey(second)).open(
      tx,
      tenantId,
      sealed.map((value) => ({ field: "identity.users.name", value })),
    ),
  );
  expect(new Set(opened)).toEqual(new Set(["x"]));
});

test("A51: a wrapped key that was changed, moved to another position, or renamed to another master key is not unwrapped", () => {
  const wrapped = during.wrap("tenant|key/1", randomBytes(32));
  expect(during.unwrap("tenant|key/1", wrapped)).toHaveLength(32);
  const flipped = `${wrapped.slice(0, -4)}${wrapped.at(-4) === "A" ? "B" : "A"}${wrapped.slice(-3)}`;
  const renamed = wrapped.replace(masterKeyId(second), masterKeyId(first));
  for (const attempt of [flipped, renamed, wrapped.replace("v2:", "v3:"), "v2:zz:AAAA", "v1:", "wrapped", ""])
    expect(during.unwrap("tenant|key/1", attempt)).toBeNull();
  expect(during.unwrap("tenant|key/2", wrapped)).toBeNull();
});

test("a process reads its keys again if they were replaced: for a master key that it does not know, and before it wraps a key", () => {
  const previous = { key: first, replacedAt };
  let replaced: Parameters<typeof masterKeys>[0] | null = null;
  const running = masterKeys({ masterKey: first, nextMasterKey: null, previousMasterKeys: [] }, () => replaced);
  expect(running.wrap("p", Buffer.from("k"))).toMatch(`v2:${masterKeyId(first)}:`);
  const wrapped = during.wrap("p", Buffer.from("k"));
  expect(running.unwrap("p", wrapped)).toBeNull();
  replaced = { masterKey: first, nextMasterKey: second, previousMasterKeys: [] };
  expect(running.unwrap("p", wrapped)?.toString()).toBe("k");
  expect(running.wrap("p", Buffer.from("k"))).toMatch(`v2:${masterKeyId(first)}:`);
  replaced = { masterKey: second, nextMasterKey: null, previousMasterKeys: [previous] };
  expect(running.wrap("p", Buffer.from("k"))).toMatch(`v2:${masterKeyId(second)}:`);
});

test("the ciphertext of a data key is AES-256-GCM under the master key with its ID, so that other tools can read a backup", () => {
  const [, , ciphertext = ""] = during.wrap("p", Buffer.from("k")).split(":");
  expect(decrypt(second, Buffer.from("p"), ciphertext)?.toString()).toBe("k");
  expect(during.unwrap("p", `v1:${encrypt(first, Buffer.from("p"), Buffer.from("k"))}`)?.toString()).toBe("k");
});
