import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AlreadyRunning, DataDirUnusable, lockDataDir } from "./data-lock.js";

let dataDir: string;
const lock = (): string => join(dataDir, "supervisor.lock");

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "weft-lock-"));
});

afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

test("a directory has one supervisor at a time, and is free again when that one leaves", () => {
  const release = lockDataDir(dataDir);
  expect(() => lockDataDir(dataDir)).toThrow(AlreadyRunning);
  expect(() => lockDataDir(dataDir)).toThrow(new RegExp(`already running.*process ${process.pid}.*WEFT_DATA_DIR`));
  release();
  expect(readdirSync(dataDir)).toEqual([]);
  lockDataDir(dataDir)();
});

test("a directory that cannot be made is told with the way out", () => {
  writeFileSync(lock(), "");
  expect(() => lockDataDir(lock())).toThrow(DataDirUnusable);
  expect(() => lockDataDir(join(lock(), "below"))).toThrow(/cannot hold Weft's data.*WEFT_DATA_DIR/);
});

test("a lock whose process was killed is taken over", () => {
  // No process has this number: Linux and macOS end well below.
  writeFileSync(lock(), "2147483646 1\n");
  expect(() => lockDataDir(dataDir)).not.toThrow();
});

test("a lock whose number now belongs to another process is taken over where the system says when a process started", () => {
  writeFileSync(lock(), `${process.pid} 1\n`);
  if (process.platform === "linux") lockDataDir(dataDir)();
  // Elsewhere the number alone decides, on the safe side.
  else expect(() => lockDataDir(dataDir)).toThrow(AlreadyRunning);
});

test("a lock that cannot be read is taken over", () => {
  writeFileSync(lock(), "");
  expect(() => lockDataDir(dataDir)).not.toThrow();
});
