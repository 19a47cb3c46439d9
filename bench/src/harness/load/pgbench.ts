import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LoopResult } from "./closed-loop.js";
import { percentile } from "../statistics.js";

const run = promisify(execFile);

/**
 * Returns the version of pgbench.
 * @throws Error that says what to install if pgbench is missing
 */
export async function pgbenchVersion(): Promise<string> {
  try {
    return (await run("pgbench", ["--version"])).stdout.trim();
  } catch (cause) {
    throw new Error(
      "This bench needs pgbench on the PATH, which the PostgreSQL from npm does not bring: `apt-get install postgresql-contrib`, or `brew install libpq`.",
      { cause },
    );
  }
}

/**
 * Runs a script with prepared statements and reads the time of each transaction.
 * @throws Error if a transaction failed
 */
export async function pgbench(
  url: string,
  script: string,
  { clients, forMs }: { clients: number; forMs: number },
): Promise<LoopResult & { readonly processorSeconds: number }> {
  const folder = mkdtempSync(join(tmpdir(), "weft-pgbench-"));
  try {
    const file = join(folder, "script.sql");
    writeFileSync(file, script);
    const seconds = Math.max(1, Math.round(forMs / 1000));
    const size = ["-c", String(clients), "-j", "2", "-T", String(seconds)];
    const all = ["-n", "-M", "prepared", ...size, "-l", "--log-prefix", join(folder, "log"), "-f", file, url];
    // At its end, the shell reports the processor time of its child.
    const { stdout } = await run("bash", ["-c", 'pgbench "$@" && times', "bash", ...all], { maxBuffer: 1e7 });
    const done = Number(/transactions actually processed: (\d+)/.exec(stdout)?.[1]);
    const perSecond = Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
    if (!(done > 0) || !/failed transactions: 0 /.test(stdout)) throw new Error(`pgbench did not run well:\n${stdout}`);
    const times = readdirSync(folder)
      .filter((name) => name.startsWith("log"))
      .flatMap((name) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n"))
      .map((line) => Number(line.split(" ")[2]) / 1000);
    return { done, perSecond, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99), processorSeconds: childSeconds(stdout) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Parses the last line of bash's `times`: user and system time of its children, as 0m1.234s. */
function childSeconds(output: string): number {
  const parts = [...(output.trimEnd().split("\n").at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  if (parts.length !== 2) throw new Error(`The shell did not say what pgbench has spent:\n${output}`);
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
