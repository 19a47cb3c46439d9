import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { createLogger } from "../logging/logger.js";
import { rotateAccessKey } from "./access-key-rotation.js";
import { changedKeys } from "./changed-keys.js";
import { followKeys, reportingUnreadKeys } from "./follow-keys.js";
import { loadKeys, writeKeysFile } from "./keys.js";
import { addMasterKey } from "./master-key-rotation.js";

const folder = mkdtempSync(join(tmpdir(), "weft-following-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A process with keys of its own. `meanwhile` happens after they were read, and before they are followed. */
function aProcess(meanwhile: (place: { readonly keysFile: string; readonly mode: "production" }) => void = () => {}) {
  const keysFile = join(mkdtempSync(join(folder, "of-a-test-")), "keys.json");
  writeKeysFile(keysFile, "production");
  const place = { keysFile, mode: "production" } as const;
  const lines: string[] = [];
  const log = createLogger({ logLevel: "info" }, { write: (line: string) => void lines.push(line) });
  const source = changedKeys(place, reportingUnreadKeys(log));
  const keys = loadKeys(keysFile, { create: false, mode: "production" });
  meanwhile(place);
  const followed = followKeys(keys, source, { log, intervalMs: 5 });
  onTestFinished(() => followed.stop());
  return { place, keys, lines, followed };
}

test("a key of access tokens is adopted, and the master keys learn what has changed at their next question, once", async () => {
  const { place, keys, followed } = aProcess();
  const { masterKey } = keys;
  const { kid } = await rotateAccessKey(place);
  await addMasterKey(place);
  await expect.poll(() => keys.access.next?.kid).toBe(kid);
  const changed = followed.changed();
  expect([changed?.masterKey, changed?.nextMasterKey?.length]).toEqual([masterKey, 32]);
  expect(followed.changed()).toBeNull();
});

test("a change between the reading of the keys and the first look is not missed", async () => {
  const { keys } = aProcess(({ keysFile }) => {
    const changed = JSON.parse(readFileSync(keysFile, "utf8")) as { access: { kid: string } };
    changed.access.kid = "replaced-during-the-start";
    writeFileSync(keysFile, JSON.stringify(changed));
  });
  await expect.poll(() => keys.access.kid).toBe("replaced-during-the-start");
});

test("a file that others can read is reported once, and adopted as soon as its mode is mended", async () => {
  const { place, keys, lines } = aProcess();
  const { kid } = keys.access;
  chmodSync(place.keysFile, 0o644);
  const content = JSON.parse(readFileSync(place.keysFile, "utf8")) as { access: { kid: string } };
  content.access.kid = "copied";
  writeFileSync(place.keysFile, JSON.stringify(content));
  await expect.poll(() => lines.filter((line) => line.includes("chmod 600")).length).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([keys.access.kid, lines.filter((line) => line.includes("chmod 600")).length]).toEqual([kid, 1]);
  chmodSync(place.keysFile, 0o600);
  await expect.poll(() => keys.access.kid).toBe("copied");
});

test("keys that a running process does not replace are reported once", async () => {
  const { place, keys, lines } = aProcess();
  const { cursor } = keys;
  const content = JSON.parse(readFileSync(place.keysFile, "utf8")) as { cursor: string };
  content.cursor = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  writeFileSync(place.keysFile, JSON.stringify(content));
  await expect.poll(() => lines.filter((line) => line.includes("after a restart")).length).toBe(1);
  expect(keys.cursor).toBe(cursor);
});
