import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { changedKeys } from "./changed-keys.js";
import { loadKeys, writeKeysFile } from "./keys.js";
import { addMasterKey, removeMasterKeys, useNextMasterKey } from "./master-key-rotation.js";

const folder = mkdtempSync(join(tmpdir(), "weft-rotation-"));
afterAll(() => rmSync(folder, { recursive: true }));

function newFile(): string {
  const file = join(mkdtempSync(join(folder, "of-a-test-")), "keys.json");
  writeKeysFile(file, "production");
  return file;
}
const place = (keysFile: string) => ({ keysFile, mode: "production" }) as const;
const load = (file: string) => loadKeys(file, { create: false, mode: "production" });
const afterwards = new Date(Date.now() + 11 * 60_000);

test("the next master key is added, becomes the current one, and the previous one is removed; all other keys stay", async () => {
  const file = newFile();
  const before = load(file);
  await addMasterKey(place(file));
  const added = load(file);
  expect(added).toEqual({ ...before, nextMasterKey: expect.any(Buffer) as Buffer });
  await useNextMasterKey(place(file));
  const used = load(file);
  const previous = { key: before.masterKey, replacedAt: expect.any(String) as string };
  expect(used).toEqual({ ...before, masterKey: added.nextMasterKey, nextMasterKey: null, previousMasterKeys: [previous] });
  expect(await removeMasterKeys(place(file), afterwards)).toBe(1);
  expect(load(file)).toEqual({ ...used, previousMasterKeys: [] });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("refuses a step out of order, and changes nothing", async () => {
  const file = newFile();
  const content = readFileSync(file, "utf8");
  await expect(useNextMasterKey(place(file))).rejects.toThrow(/Begin with `pnpm keys add-master-key`/);
  expect(readFileSync(file, "utf8")).toBe(content);
  await addMasterKey(place(file));
  await expect(addMasterKey(place(file))).rejects.toThrow(/already contains the next master key/);
  await useNextMasterKey(place(file));
  await expect(removeMasterKeys(place(file))).rejects.toThrow(/Running transactions may still use it/);
  expect(load(file).previousMasterKeys).toHaveLength(1);
});

test("refuses to change the file while another command does, and leaves no draft after a failure", async () => {
  const file = newFile();
  writeFileSync(`${file}.new`, "");
  await expect(addMasterKey(place(file))).rejects.toThrow(/another command is changing the keys file/);
  rmSync(`${file}.new`);
  await expect(useNextMasterKey(place(file))).rejects.toThrow();
  expect(existsSync(`${file}.new`)).toBe(false);
});

test("a symbolic link to the keys file stays a link", async () => {
  const file = newFile();
  const link = `${file}.link`;
  symlinkSync(file, link);
  await addMasterKey(place(link));
  expect(load(file).nextMasterKey).not.toBeNull();
});

test("a changed file is read once; a damaged one is ignored until it is repaired", async () => {
  const file = newFile();
  const changed = changedKeys({ keysFile: file, mode: "production" });
  expect(changed()).toBeNull();
  await addMasterKey(place(file));
  const content = readFileSync(file, "utf8");
  expect(changed()?.nextMasterKey).toHaveLength(32);
  expect(changed()).toBeNull();
  writeFileSync(file, "{");
  expect(changed()).toBeNull();
  writeFileSync(file, content);
  expect(changed()).toEqual(load(file));
});
