import { randomBytes } from "node:crypto";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DatabasePositions } from "../consistency/database-positions.js";
import { requireReads } from "../consistency/required-reads.js";
import { asTenant } from "../db/as-tenant.js";
import type { Tx } from "../db/database.js";
import { newId } from "@weft/shared/ids";
import { oneMasterKey } from "../secrets/master-keys.js";
import { isSealed, personKeyring } from "./keyring.js";

let bare: BareDatabase;
const masterKey = randomBytes(32);

beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

const inTenant = <T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(bare.databases.app, { tenantId }, "write", fn);
const field = "identity.users.name";

test("a sealed value can be opened in any process that has the master key", async () => {
  const { tenantId } = await bare.tenant();
  const [personId, value] = [newId(), "Ada Lovelace 🙂"];
  const [sealed = ""] = await inTenant(tenantId, (tx) =>
    personKeyring(oneMasterKey(masterKey)).seal(tx, tenantId, [{ personId, field, value }]),
  );
  expect(isSealed(sealed)).toBe(true);
  expect(sealed).not.toContain("Ada");
  expect(await inTenant(tenantId, (tx) => personKeyring(oneMasterKey(masterKey)).open(tx, tenantId, [{ field, value: sealed }]))).toEqual([
    value,
  ]);
});

test("A51: does not open a ciphertext that was changed or moved to another field, user, or tenant", async () => {
  const [{ tenantId }, other] = [await bare.tenant(), await bare.tenant()];
  const keyring = personKeyring(oneMasterKey(masterKey));
  const [ada, bob] = [newId(), newId()];
  const [ofAda = "", ofBob = ""] = await inTenant(tenantId, (tx) =>
    keyring.seal(tx, tenantId, [
      { personId: ada, field, value: "Ada" },
      { personId: bob, field, value: "Bob" },
    ]),
  );
  const changed = `${ofAda.slice(0, -2)}${ofAda.endsWith("AA") ? "BB" : "AA"}`;
  const underBob = ofAda.replace(ada, bob);
  const opened = await inTenant(tenantId, (tx) =>
    keyring.open(
      tx,
      tenantId,
      [changed, underBob, "enc:v1:rubbish", ofBob].map((value) => ({ field, value })),
    ),
  );
  expect(opened).toEqual(["[unreadable]", "[unreadable]", "[unreadable]", "Bob"]);
  expect(await inTenant(tenantId, (tx) => keyring.open(tx, tenantId, [{ field: "identity.users.email", value: ofAda }]))).toEqual([
    "[unreadable]",
  ]);
  expect(await inTenant(other.tenantId, (tx) => keyring.open(tx, other.tenantId, [{ field, value: ofAda }]))).toEqual(["[erased]"]);
});

test("a key created in a transaction that is rolled back is not used afterward", async () => {
  const { tenantId } = await bare.tenant();
  const keyring = personKeyring(oneMasterKey(masterKey));
  const personId = newId();
  const failing = inTenant(tenantId, async (tx) => {
    await keyring.seal(tx, tenantId, [{ personId, field, value: "first" }]);
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  const [sealed = ""] = await inTenant(tenantId, (tx) => keyring.seal(tx, tenantId, [{ personId, field, value: "second" }]));
  expect(await inTenant(tenantId, (tx) => personKeyring(oneMasterKey(masterKey)).open(tx, tenantId, [{ field, value: sealed }]))).toEqual([
    "second",
  ]);
});

test("two processes that seal a new user's first value at the same time use one key", async () => {
  const { tenantId } = await bare.tenant();
  const personId = newId();
  const sealed = await Promise.all(
    ["one", "two", "three"].map((value) =>
      inTenant(tenantId, (tx) => personKeyring(oneMasterKey(masterKey)).seal(tx, tenantId, [{ personId, field, value }])),
    ),
  );
  const opened = await inTenant(tenantId, (tx) =>
    personKeyring(oneMasterKey(masterKey)).open(
      tx,
      tenantId,
      sealed.flat().map((value) => ({ field, value })),
    ),
  );
  expect(opened).toEqual(["one", "two", "three"]);
});

test("data written about an erased user stays erased: no new key is created", async () => {
  const { tenantId } = await bare.tenant();
  const keyring = personKeyring(oneMasterKey(masterKey));
  const personId = newId();
  const [before = ""] = await inTenant(tenantId, (tx) => keyring.seal(tx, tenantId, [{ personId, field, value: "before" }]));
  await inTenant(tenantId, (tx) => keyring.destroy(tx, tenantId, personId));
  expect(await inTenant(tenantId, (tx) => keyring.open(tx, tenantId, [{ field, value: before }]))).toEqual(["[erased]"]);
  expect(await inTenant(tenantId, (tx) => keyring.seal(tx, tenantId, [{ personId, field, value: "after" }]))).toEqual(["[erased]"]);
  const rows = await bare.owner`select wrapped_key from app.person_keys where tenant_id = ${tenantId} and person_id = ${personId}`;
  expect([...rows]).toEqual([{ wrapped_key: null }]);
});

test("F25: without the correct master key nothing is opened or sealed: SERVICE_UNAVAILABLE, never plain text", async () => {
  const { tenantId } = await bare.tenant();
  const personId = newId();
  const [sealed = ""] = await inTenant(tenantId, (tx) =>
    personKeyring(oneMasterKey(masterKey)).seal(tx, tenantId, [{ personId, field, value: "x" }]),
  );
  const wrong = personKeyring(oneMasterKey(randomBytes(32)));
  await expect(inTenant(tenantId, (tx) => wrong.open(tx, tenantId, [{ field, value: sealed }]))).rejects.toMatchObject({
    code: "SERVICE_UNAVAILABLE",
  });
  await expect(inTenant(tenantId, (tx) => wrong.seal(tx, tenantId, [{ personId, field, value: "y" }]))).rejects.toMatchObject({
    code: "SERVICE_UNAVAILABLE",
  });
  expect(() => oneMasterKey(randomBytes(16))).toThrow(/it must have 32/);
});

test("keys are cached: sealing again for a known user sends no statement", async () => {
  const { tenantId } = await bare.tenant();
  const keyring = personKeyring(oneMasterKey(masterKey));
  const value = { personId: newId(), field, value: "x" };
  await inTenant(tenantId, (tx) => keyring.create(tx, tenantId, value.personId));
  await inTenant(tenantId, (tx) => keyring.seal(tx, tenantId, [value]));
  const seen: string[] = [];
  bare.databases.app.onStatement = (text) => seen.push(text);
  await inTenant(tenantId, (tx) => keyring.seal(tx, tenantId, [value]));
  bare.databases.app.onStatement = undefined;
  expect(seen).toEqual([]);
});

test("after a newer state is required, a key that another process has destroyed opens nothing", async () => {
  const { tenantId } = await bare.tenant();
  const personId = newId();
  const [here, there] = [personKeyring(oneMasterKey(masterKey)), personKeyring(oneMasterKey(masterKey))];
  const [value = ""] = await inTenant(tenantId, (tx) => there.seal(tx, tenantId, [{ personId, field, value: "Ada" }]));
  const open = (): Promise<string[]> => inTenant(tenantId, (tx) => here.open(tx, tenantId, [{ field, value }]));
  expect(await open()).toEqual(["Ada"]);
  await inTenant(tenantId, (tx) => there.destroy(tx, tenantId, personId));
  requireReads(tenantId, await new DatabasePositions(bare.databases.app).current());
  expect(await open()).toEqual(["[erased]"]);
});

test("a searchable value has the ciphertext that a search for it returns, and a different one for each person, field and tenant", async () => {
  const [{ tenantId }, other] = [await bare.tenant(), await bare.tenant()];
  const keyring = personKeyring(oneMasterKey(masterKey));
  const [ada, bob] = [newId(), newId()];
  const searchable = { field, value: "192.0.2.1", isSearchable: true } as const;
  const seal = (tenant: string) =>
    inTenant(tenant, (tx) =>
      keyring.seal(tx, tenant, [
        { ...searchable, personId: ada },
        { ...searchable, personId: ada },
        { ...searchable, personId: bob },
        { ...searchable, personId: ada, field: "audit.entries.address" },
        { field, value: "192.0.2.1", personId: ada },
        { ...searchable, personId: ada, value: "192.0.2.2" },
      ]),
    );
  const [first, again, ofBob, ...different] = await seal(tenantId);
  expect(again).toBe(first);
  const elsewhere = await seal(other.tenantId);
  expect(new Set([first, ofBob, ...different, elsewhere[0]]).size).toBe(6);
  const searched = (personIds: readonly string[]) => inTenant(tenantId, (tx) => keyring.searched(tx, tenantId, searchable, personIds));
  expect(await searched([ada])).toEqual([first]);
  expect((await searched([bob, newId()])).filter((each) => each !== ofBob)).toEqual([]);
  expect(await inTenant(tenantId, (tx) => keyring.open(tx, tenantId, [{ field, value: first ?? "" }]))).toEqual(["192.0.2.1"]);
});

test("a search finds nothing of a person whose key is destroyed", async () => {
  const { tenantId } = await bare.tenant();
  const keyring = personKeyring(oneMasterKey(masterKey));
  const personId = newId();
  await inTenant(tenantId, (tx) => keyring.seal(tx, tenantId, [{ personId, field, value: "x", isSearchable: true }]));
  await inTenant(tenantId, (tx) => keyring.destroy(tx, tenantId, personId));
  expect(await inTenant(tenantId, (tx) => keyring.searched(tx, tenantId, { field, value: "x", isSearchable: true }, [personId]))).toEqual(
    [],
  );
});
