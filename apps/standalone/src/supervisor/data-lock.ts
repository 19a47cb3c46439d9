import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Another supervisor is using this data directory. */
export class AlreadyRunning extends Error {
  override readonly name = "AlreadyRunning";
}

/** The data directory cannot be created or written to. */
export class DataDirUnusable extends Error {
  override readonly name = "DataDirUnusable";
}

/**
 * Locks the data directory for this process, because two supervisors on one directory would stop each other's database. A lock that its process did
 * not release (kill -9) is taken over.
 *
 * @param port where the process will listen, for `runningPort`
 * @returns a function that releases the lock.
 * @throws AlreadyRunning if the process with the lock is running; DataDirUnusable if the directory cannot be written to.
 */
export function lockDataDir(dataDir: string, port?: number): () => void {
  const path = join(dataDir, "supervisor.lock");
  const mine = `${process.pid} ${processStart(process.pid) ?? "-"}${port ? ` ${port}` : ""}\n`;
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(draft, mine);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataDirUnusable(
      `${dataDir} cannot be used as the data directory (${reason}). Give this user write access to it, or set WEFT_DATA_DIR to a directory with write access.`,
      { cause: error },
    );
  }
  try {
    for (;;) {
      try {
        // A hard link is created complete or not at all, and fails if the name exists.
        linkSync(draft, path);
        return () => release(path, mine);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        const holder = liveHolder(path);
        if (holder !== null) {
          throw new AlreadyRunning(
            `Weft is already running on ${dataDir} (process ${holder}). Stop it first, or set WEFT_DATA_DIR (and PORT) to run a second instance.`,
          );
        }
        rmSync(path, { force: true });
      }
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function release(path: string, mine: string): void {
  try {
    if (readFileSync(path, "utf8") === mine) rmSync(path);
  } catch {
    // Somebody deleted the file. The directory is free either way.
  }
}

/** Returns the port of the Weft that runs on a data directory. Null if none runs, or if its port is not known. */
export function runningPort(dataDir: string): number | null {
  const path = join(dataDir, "supervisor.lock");
  if (liveHolder(path) === null) return null;
  const [, , port] = readFileSync(path, "utf8").trim().split(" ");
  return port === undefined ? null : Number(port);
}

function liveHolder(path: string): number | null {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  const [pidText, start] = content.trim().split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return null;
  }
  // After a container restart, the same PID soon belongs to another process, or to this one.
  const now = processStart(pid);
  return start === undefined || start === "-" || now === undefined || start === now ? pid : null;
}

/**
 * Returns when a process started, in ticks since boot. Together with the PID, this identifies a process uniquely. Undefined on systems without /proc.
 */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the program's name, can contain spaces and parentheses. The start time is field 22.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
