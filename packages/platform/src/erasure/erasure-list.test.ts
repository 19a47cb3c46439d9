import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@weft/shared/ids";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadConfig } from "../config/load.js";
import { type ErasureEntry, type ErasureList, openErasureList } from "./erasure-list.js";
import type { ErasureKeys } from "./signed.js";

const log = { warn: () => {} };
let folder: string;
let keys: { readonly checkpoint: ErasureKeys };
let list: ErasureList;

async function newKeys(): Promise<{ readonly checkpoint: ErasureKeys }> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  return { checkpoint: { kid: randomBytes(4).toString("hex"), privateJwk: await exportJWK(privateKey) } };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-erasure-list-"));
  keys = await newKeys();
  list = await openErasureList({ config: { folder }, keys, log });
});
afterAll(async () => {
  list.close();
  await rm(folder, { recursive: true });
});

const anEntry = (kind: ErasureEntry["kind"]): ErasureEntry => ({
  version: 1,
  tenantId: newId(),
  requestId: newId(),
  kind,
  personType: "user",
  personId: newId(),
  requestedBy: newId(),
  decidedBy: newId(),
  decidedAt: "2026-12-01T00:00:00Z",
});

/** Returns the path of the object of a person. */
async function pathOf({ personId }: ErasureEntry): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.isFile() && `${entry.parentPath}/${entry.name}`.includes(personId));
  if (!found) throw new Error(`Nothing is stored about ${personId}.`);
  return join(found.parentPath, found.name);
}

test("finds who was added, and nobody else", async () => {
  const entry = anEntry("ERASE");
  await list.add(entry);
  expect(await list.find(entry.tenantId, entry.personId)).toEqual(entry);
  expect(await list.find(entry.tenantId, newId())).toBeNull();
});

test("an erasure replaces an anonymization, and not the other way round", async () => {
  const first = anEntry("ANONYMISE");
  await list.add(first);
  const second: ErasureEntry = { ...first, kind: "ERASE", requestId: newId() };
  await list.add(second);
  await list.add(first);
  expect(await list.find(first.tenantId, first.personId)).toEqual(second);
});

test("refuses an entry that another installation has signed", async () => {
  const entry = anEntry("ERASE");
  const elsewhere = join(folder, "elsewhere");
  const other = await openErasureList({ config: { folder: elsewhere }, keys: await newKeys(), log });
  await other.add(entry);
  other.close();
  await cp(join(elsewhere, entry.tenantId), join(folder, entry.tenantId), { recursive: true });
  await expect(list.find(entry.tenantId, entry.personId)).rejects.toThrow("signature verification failed");
});

test("is marked by the first erasure, and not by looking somebody up", async () => {
  const fresh = await openErasureList({ config: { folder: join(folder, "fresh") }, keys, log });
  expect(await fresh.find(newId(), newId())).toBeNull();
  expect(await fresh.isMarked()).toBe(false);
  await fresh.prepare();
  expect(await fresh.isMarked()).toBe(true);
  fresh.close();
});

test("of another installation takes no entry, and is not taken for one's own", async () => {
  const place = join(folder, "of-another");
  const theirs = await openErasureList({ config: { folder: place }, keys: await newKeys(), log });
  await theirs.prepare();
  theirs.close();
  const wrong = await openErasureList({ config: { folder: place }, keys, log });
  await expect(wrong.isMarked()).rejects.toThrow("signature verification failed");
  await expect(wrong.add(anEntry("ERASE"))).rejects.toThrow("signature verification failed");
  wrong.close();
});

test("has no default place in production", async () => {
  const { erasures } = loadConfig({}, { WEFT_MODE: "production", DATABASE_URL: "postgres://weft_app:k8sQ2@localhost/weft" });
  await expect(openErasureList({ config: erasures, keys, log })).rejects.toThrow("ERASURES_DIR: is required in production");
});

test("refuses the entry of one person in the place of another", async () => {
  const [one, other] = [anEntry("ERASE"), anEntry("ERASE")];
  await list.add(one);
  await list.add(other);
  await writeFile(await pathOf(other), await readFile(await pathOf(one)));
  await expect(list.find(other.tenantId, other.personId)).rejects.toThrow(`is that of ${one.personId}`);
});
