import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** The content of `postmaster.pid`, and whether it is still valid. */
export type PidFile =
  | { readonly kind: "none" }
  /** Left behind by a killed server. Its PID may now belong to another process. */
  | { readonly kind: "stale"; readonly pid: number; readonly path: string }
  | { readonly kind: "live"; readonly pid: number; readonly port: number; readonly status: string };

/**
 * Reads the PID file of a data directory and checks whether that server is running. `pg_ctl status` only checks whether *some* process has the PID,
 * which is often true after a container restart, and PostgreSQL itself then refuses to start.
 */
export function readPidFile(dataDir: string): PidFile {
  const path = join(dataDir, "postmaster.pid");
  let lines: string[];
  try {
    lines = readFileSync(path, "utf8").split("\n");
  } catch {
    return { kind: "none" };
  }
  // Line 1 is the PID, line 4 the port, line 8 the state: starting, ready, stopping, or standby.
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isPostmaster(pid, dataDir)) return { kind: "stale", pid, path };
  return { kind: "live", pid, port: Number(lines[3] ?? 0), status: (lines[7] ?? "starting").trim() };
}

function isPostmaster(pid: number, dataDir: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  if (process.platform === "win32") return true;
  try {
    // The working directory of the postmaster is its data directory.
    if (process.platform === "linux") return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).includes("postgres");
  } catch {
    // Another user's process. It cannot be the server of a directory that we can read.
    return false;
  }
}
