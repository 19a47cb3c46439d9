import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { freemem, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readPidFile } from "@weft/standalone/postgres/pid-file";

const memory = "/dev/shm";
const enoughBytes = 4 * 1024 ** 3;

/**
 * Folder for the data of test runs. It is in memory if there is enough space: a database has 700 files, and creating them takes 20 ms there, but up to
 * 400 ms on a disk.
 */
function runsFolder(): string {
  return hasSpace() ? join(memory, `weft-test-${userInfo().uid}`) : fileURLToPath(new URL("../../../.weft-test", import.meta.url));
}

function hasSpace(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return Math.min(bavail * bsize, freemem()) >= enoughBytes;
  } catch {
    // Not Linux.
    return false;
  }
}

/** Folders of this run. */
export interface RunFolders {
  /** Data directory of the run's PostgreSQL server. Does not exist yet. */
  readonly dataDir: string;
  /** For temporary files of the tests, for example for the data of PostgreSQL servers that they start. */
  readonly temporary: string;
}

/** Creates the folders of this run, and removes those of earlier runs that were killed. */
export function prepareRunFolders(folder = runsFolder()): RunFolders {
  removeLeftovers(folder);
  const temporary = join(folder, `tmp-${process.pid}`);
  mkdirSync(temporary, { recursive: true });
  return { dataDir: join(folder, `run-${process.pid}`), temporary };
}

function removeLeftovers(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = Number(/^(?:run|tmp)-(\d+)$/.exec(name)?.[1]);
    const path = join(folder, name);
    if (pid > 0 && pid !== process.pid && !isAlive(pid) && readPidFile(path).kind !== "live")
      rmSync(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
