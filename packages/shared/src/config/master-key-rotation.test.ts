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
const load = (file: string) => loadKeys(file, { create: false, mode: "production" });
const afterwards = new Date(Date.now() + 11 * 60_000);

test("the next master key is added, becomes the current one, and the previous one is removed; all other keys stay", () => {
  const file = newFile();
  const before = load(file);
  addMasterKey(file);
  const added = load(file);
  expect(added).toEqual({ ...before, nextMasterKey: expect.any(Buffer) as Buffer });
  useNextMasterKey(file);
  const used = load(file);
  const previous = { key: before.masterKey, replacedAt: expect.any(String) as string };
  expect(used).toEqual({ ...before, masterKey: added.nextMasterKey, nextMasterKey: null, previousMasterKeys: [previous] });
  expect(removeMasterKeys(file, afterwards)).toBe(1);
  expect(load(file)).toEqual({ ...used, previousMasterKeys: [] });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("refuses a step out of order, and changes nothing", () => {
  const file = newFile();
  const content = readFileSync(file, "utf8");
  expect(() => useNextMasterKey(file)).toThrow(/Begin with `pnpm keys add-master-key`/);
  expect(readFileSync(file, "utf8")).toBe(content);
  addMasterKey(file);
  expect(() => addMasterKey(file)).toThrow(/already contains the next master key/);
  useNextMasterKey(file);
  expect(() => removeMasterKeys(file)).toThrow(/Running transactions may still use it/);
  expect(load(file).previousMasterKeys).toHaveLength(1);
});

test("refuses to change the file while another command does, and leaves no draft after a failure", () => {
  const file = newFile();
  writeFileSync(`${file}.new`, "");
  expect(() => addMasterKey(file)).toThrow(/another command is changing the keys file/);
  rmSync(`${file}.new`);
  expect(() => useNextMasterKey(file)).toThrow();
  expect(existsSync(`${file}.new`)).toBe(false);
});

test("a symbolic link to the keys file stays a link", () => {
  const file = newFile();
  const link = `${file}.link`;
  symlinkSync(file, link);
  addMasterKey(link);
  expect(load(file).nextMasterKey).not.toBeNull();
});

test("a changed file is read once; a damaged one is ignored until it is repaired", () => {
  const file = newFile();
  const changed = changedKeys({ keysFile: file, mode: "production" });
  expect(changed()).toBeNull();
  addMasterKey(file);
  const content = readFileSync(file, "utf8");
  expect(changed()?.nextMasterKey).toHaveLength(32);
  expect(changed()).toBeNull();
  writeFileSync(file, "{");
  expect(changed()).toBeNull();
  writeFileSync(file, content);
  expect(changed()).toEqual(load(file));
});
