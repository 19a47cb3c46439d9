import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { rotateAccessKey as rotate } from "./access-key-rotation.js";
import { loadKeys, writeKeysFile } from "./keys.js";
import { ConfigError } from "./load.js";

const folder = mkdtempSync(join(tmpdir(), "weft-rotation-"));
afterAll(() => rmSync(folder, { recursive: true }));

const start = new Date("2026-03-01T09:00:00Z");
const after = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
const newFile = (): string => {
  const file = join(mkdtempSync(join(folder, "of-a-test-")), "keys.json");
  writeKeysFile(file, "production");
  return file;
};
const rotateAccessKey = (keysFile: string, options: Parameters<typeof rotate>[1] = {}) => rotate({ keysFile, mode: "production" }, options);
const load = (file: string) => loadKeys(file, { create: false, mode: "production" });

test("a rotation prepares a key, signs with it six minutes later, and removes the former key when its tokens have expired", async () => {
  const file = newFile();
  const before = load(file);
  const prepared = await rotateAccessKey(file, { now: start });
  expect(prepared).toMatchObject({ step: "prepared", activeFrom: after(6) });
  expect(load(file).access).toMatchObject({ kid: before.access.kid, next: { kid: prepared.kid }, previous: [] });
  await expect(rotateAccessKey(file, { now: after(5.9) })).rejects.toThrow(
    /was prepared just now.*Repeat the command after 2026-03-01T09:06/,
  );
  expect(load(file).access.kid).toBe(before.access.kid);
  expect(await rotateAccessKey(file, { now: after(6) })).toEqual({ step: "activated", kid: prepared.kid });
  const { access, ...others } = load(file);
  const { d: _secret, ...publicJwk } = before.access.privateJwk;
  expect(access).toMatchObject({ kid: prepared.kid, previous: [{ kid: before.access.kid, publicJwk }] });
  expect(access.next).toBeUndefined();
  expect(readFileSync(file, "utf8")).not.toContain(before.access.privateJwk.d);
  const { access: _former, ...unchanged } = before;
  expect(others).toEqual(unchanged);
  await rotateAccessKey(file, { now: after(125) });
  expect(load(file).access.previous).toHaveLength(1);
  await rotateAccessKey(file, { now: after(131) });
  expect(load(file).access.previous.map(({ kid }) => kid)).toEqual([prepared.kid]);
});

test("a leaked key is replaced at once, with the prepared one, and no former key remains", async () => {
  const file = newFile();
  const prepared = await rotateAccessKey(file, { now: start });
  const { kid: former } = load(file).access;
  const replaced = await rotateAccessKey(file, { now: start, isLeaked: true });
  expect(replaced.step).toBe("replaced");
  const { access } = load(file);
  expect(access).toMatchObject({ kid: replaced.kid, previous: [] });
  expect(access.next).toBeUndefined();
  expect([prepared.kid, former]).not.toContain(replaced.kid);
});

test("the file stays readable only by its owner, and nothing else remains in the folder", async () => {
  const file = newFile();
  await rotateAccessKey(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(file, ".."))).toEqual(["keys.json"]);
});

test("a rotation refuses a missing file, an unreadable one, and one that another command is changing, and changes nothing", async () => {
  await expect(rotateAccessKey(join(folder, "none.json"))).rejects.toThrow(/does not exist.*pnpm keys/);
  const broken = newFile();
  writeFileSync(broken, "{");
  await expect(rotateAccessKey(broken)).rejects.toThrow(ConfigError);
  expect(readFileSync(broken, "utf8")).toBe("{");
  const busy = newFile();
  const content = readFileSync(busy, "utf8");
  writeFileSync(`${busy}.new`, "");
  await expect(rotateAccessKey(busy)).rejects.toThrow(/another command is changing the keys file/);
  expect(readFileSync(busy, "utf8")).toBe(content);
});

test("production refuses a prepared key that can be guessed", async () => {
  const file = newFile();
  await rotateAccessKey(file);
  const content = JSON.parse(readFileSync(file, "utf8")) as { access: { next: { privateJwk: { d: string } } } };
  content.access.next.privateJwk.d = Buffer.alloc(32, 7).toString("base64url");
  writeFileSync(file, JSON.stringify(content));
  expect(() => load(file)).toThrow(/access\.next: its bytes are not random/);
});
