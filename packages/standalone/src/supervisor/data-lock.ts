import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Another supervisor works on this data directory. */
export class AlreadyRunning extends Error {
  override readonly name = "AlreadyRunning";
}

/** The data directory cannot be made or written. */
export class DataDirUnusable extends Error {
  override readonly name = "DataDirUnusable";
}

/**
 * Takes the data directory for this process: two supervisors on one directory would stop each other's database. A lock that its process did
 * not give back (kill -9) is taken over.
 *
 * @returns a function that gives it back.
 * @throws AlreadyRunning when its process lives; DataDirUnusable when nothing can be written there.
 */
export function lockDataDir(dataDir: string): () => void {
  const path = join(dataDir, "supervisor.lock");
  const mine = `${process.pid} ${processStart(process.pid) ?? ""}\n`;
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(draft, mine);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataDirUnusable(
      `${dataDir} cannot hold Weft's data (${reason}). Set WEFT_DATA_DIR to a folder that this user may write, or give it this one.`,
      { cause: error },
    );
  }
  try {
    for (;;) {
      try {
        // A hard link appears with its content or not at all, and fails when the name is taken.
        linkSync(draft, path);
        return () => release(path, mine);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        const holder = liveHolder(path);
        if (holder !== null) {
          throw new AlreadyRunning(
            `Weft is already running on ${dataDir} (process ${holder}). Stop it first, or set WEFT_DATA_DIR (and PORT) to run a second one beside it.`,
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
    // Somebody tidied the directory: it is free either way.
  }
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
  // After a restart of a container the same number is soon somebody else's, or our own.
  const now = processStart(pid);
  return start === undefined || now === undefined || start === now ? pid : null;
}

/** When a process started, in ticks since boot: with the number it names a process for good. Undefined where there is no /proc. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the program's name, may contain spaces and brackets; the start is the 22nd field.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
