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

test("a directory has one supervisor at a time, and is available again when that one exits", () => {
  const release = lockDataDir(dataDir);
  expect(() => lockDataDir(dataDir)).toThrow(AlreadyRunning);
  expect(() => lockDataDir(dataDir)).toThrow(new RegExp(`already running.*process ${process.pid}.*WEFT_DATA_DIR`));
  release();
  expect(readdirSync(dataDir)).toEqual([]);
  lockDataDir(dataDir)();
});

test("a directory that cannot be created is reported with the solution", () => {
  writeFileSync(lock(), "");
  expect(() => lockDataDir(lock())).toThrow(DataDirUnusable);
  expect(() => lockDataDir(join(lock(), "below"))).toThrow(/cannot be used as the data directory.*WEFT_DATA_DIR/);
});

test("a lock whose process was killed is taken over", () => {
  // No process has this PID: the maximum on Linux and macOS is far lower.
  writeFileSync(lock(), "2147483646 1\n");
  expect(() => lockDataDir(dataDir)).not.toThrow();
});

test("a lock with the process ID of another process is taken over if the system reports when a process started", () => {
  writeFileSync(lock(), `${process.pid} 1\n`);
  if (process.platform === "linux") lockDataDir(dataDir)();
  // On other systems only the PID decides, which is the safe choice.
  else expect(() => lockDataDir(dataDir)).toThrow(AlreadyRunning);
});

test("a lock that cannot be read is taken over", () => {
  writeFileSync(lock(), "");
  expect(() => lockDataDir(dataDir)).not.toThrow();
});
