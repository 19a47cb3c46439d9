import { readFileSync } from "node:fs";
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

/** What this process and the server's backends have spent so far, in seconds; those of backends that have ended are lost. Linux tells it in nanoseconds. */
export async function processorSeconds(owner: Sql): Promise<number> {
  const backends = await owner<
    { pid: number }[]
  >`select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;
  const { user, system } = process.cpuUsage();
  const nanoseconds = backends.map(({ pid }) => Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]));
  return (user + system) / 1e6 + nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}
