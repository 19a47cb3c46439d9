import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** What `postmaster.pid` says, and whether it is true. */
export type PidFile =
  | { readonly kind: "none" }
  /** Left by a server that was killed; its number may meanwhile belong to some other process. */
  | { readonly kind: "stale"; readonly pid: number; readonly path: string }
  | { readonly kind: "live"; readonly pid: number; readonly port: number; readonly status: string };

/**
 * Reads the pid file of a data directory and looks whether that server lives. `pg_ctl status` looks only whether *some* process has the
 * number, which is often so after a restart of a container, and PostgreSQL itself then refuses to start.
 */
export function readPidFile(dataDir: string): PidFile {
  const path = join(dataDir, "postmaster.pid");
  let lines: string[];
  try {
    lines = readFileSync(path, "utf8").split("\n");
  } catch {
    return { kind: "none" };
  }
  // Line 1 is the process, 4 the port, 8 the state: starting, ready, stopping, standby.
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
    // The postmaster works in its data directory.
    if (process.platform === "linux") return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).includes("postgres");
  } catch {
    // Another user's process: it cannot be the server of a directory that we may read.
    return false;
  }
}
