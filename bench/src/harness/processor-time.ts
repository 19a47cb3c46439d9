import { readdirSync, readFileSync } from "node:fs";
import type { Sql } from "@weft/pg-driver";

/** Runs operations in this process, one after the other, until this much processor time is used. Returns the operations per second of processor time. */
export async function perProcessorSecond(operation: () => Promise<void>, forMs: number): Promise<number> {
  const before = process.cpuUsage();
  let done = 0;
  for (;;) {
    // Reading the time requires a system call.
    for (let i = 0; i < 20; i++) await operation();
    done += 20;
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    if (seconds * 1000 >= forMs) return done / seconds;
  }
}

/**
 * Returns the processor time of this process and the database server so far, in seconds. Unlike elapsed time, it does not depend on other work on the
 * machine.
 */
export async function spentSeconds(owner: Sql): Promise<number> {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + (await serverSeconds(owner));
}

/**
 * Returns the processor time of the whole database server so far, in seconds: its current processes and those that have ended. The resolution is a
 * hundredth of a second.
 */
export async function serverSeconds(owner: Sql): Promise<number> {
  const [own] = await owner<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const postmaster = statOf(String(own?.pid)).parent;
  const children = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && statOf(name).parent === postmaster);
  return statOf(postmaster).withChildren + children.reduce((sum, pid) => sum + statOf(pid).own, 0);
}

/** Returns the processor time of these processes so far, in seconds, without their child processes. */
export const processSeconds = (pids: readonly (number | string)[]): number =>
  pids.reduce<number>((sum, pid) => sum + statOf(String(pid)).own, 0);

/** Returns the child processes of this process with this name. */
export const childrenCalled = (name: string): string[] =>
  readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && statOf(pid).parent === String(process.pid) && statOf(pid).name === name);

/** Returns a process's name, parent and processor time. Empty or zero if it has ended in the meantime. */
function statOf(pid: string): { name: string; parent: string; own: number; withChildren: number } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The fields after the name, which can contain spaces.
    const fields = text.split(") ").at(-1)?.split(" ") ?? [];
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map((clockTicks) => Number(clockTicks) / 100);
    const name = /\((.*)\)/.exec(text)?.[1] ?? "";
    return { name, parent: fields[1] ?? "", own: user + system, withChildren: user + system + childUser + childSystem };
  } catch {
    return { name: "", parent: "", own: 0, withChildren: 0 };
  }
}
