import { readdirSync, readFileSync } from "node:fs";
import type { Sql } from "postgres";

/** Operations in this process, one after the other, until so much processor time is spent. */
export async function perProcessorSecond(operation: () => Promise<void>, forMs: number): Promise<number> {
  const before = process.cpuUsage();
  let done = 0;
  for (;;) {
    // Looking at the clock costs a system call.
    for (let i = 0; i < 20; i++) await operation();
    done += 20;
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    if (seconds * 1000 >= forMs) return done / seconds;
  }
}

/** What this process and the server have spent so far, in seconds: other work on the machine takes their time on the clock, not this. */
export async function spentSeconds(owner: Sql): Promise<number> {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + (await serverSeconds(owner));
}

/** What the whole server has spent so far, in seconds: its processes of now, and those that have ended. In hundredths of a second. */
export async function serverSeconds(owner: Sql): Promise<number> {
  const [own] = await owner<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const postmaster = statOf(String(own?.pid)).parent;
  const children = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && statOf(name).parent === postmaster);
  return statOf(postmaster).withChildren + children.reduce((sum, pid) => sum + statOf(pid).own, 0);
}

/** What these processes have spent so far, in seconds; what they have started apart. */
export const processSeconds = (pids: readonly (number | string)[]): number =>
  pids.reduce<number>((sum, pid) => sum + statOf(String(pid)).own, 0);

/** The processes of that name which this one has started. */
export const childrenCalled = (name: string): string[] =>
  readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && statOf(pid).parent === String(process.pid) && statOf(pid).name === name);

/** A process's name, its parent, and its time; all zero when it has ended meanwhile. */
function statOf(pid: string): { name: string; parent: string; own: number; withChildren: number } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Behind the name, which may have spaces in it.
    const fields = text.split(") ").at(-1)?.split(" ") ?? [];
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map((ticks) => Number(ticks) / 100);
    const name = /\((.*)\)/.exec(text)?.[1] ?? "";
    return { name, parent: fields[1] ?? "", own: user + system, withChildren: user + system + childUser + childSystem };
  } catch {
    return { name: "", parent: "", own: 0, withChildren: 0 };
  }
}
