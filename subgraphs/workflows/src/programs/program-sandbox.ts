import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Config, Logger } from "@weft/shared";
import { bubblewrapTask } from "./bubblewrap.js";
import type { Program, ProgramEnd, ProgramRun } from "./program.js";
import { runProgram } from "./run-program.js";
import { seccompFilter } from "./seccomp-filter.js";
import { Turns } from "./turns.js";

/** Whether programs can run on this machine. */
export type SandboxCheck = { readonly isUsable: true } | { readonly isUsable: false; readonly reason: string };

/** Runs programs of tenants so that they reach nothing but their workspace. */
export interface ProgramSandbox {
  readonly check: SandboxCheck;
  /**
   * Runs a program when there is room for it: a tenant runs as many at the same time as there are processors. Ends when nothing is left of the program.
   * @throws the reason of the signal, if it aborts before the program starts
   */
  run(program: Program, run: ProgramRun): Promise<ProgramEnd>;
}

const needed = ["/usr/bin/bwrap", "/usr/bin/unshare", "/usr/bin/prlimit", "/usr/bin/setpriv", "/bin/sh"];

/** What a usable sandbox shows of itself: no capabilities, no new privileges, a filter of system calls, the first user of nothing. */
const PROBE = `set -eu
grep -Eq '^CapEff:[[:space:]]+0+$' /proc/self/status
grep -Eq '^CapBnd:[[:space:]]+0+$' /proc/self/status
grep -Eq '^NoNewPrivs:[[:space:]]+1$' /proc/self/status
grep -Eq '^Seccomp:[[:space:]]+2$' /proc/self/status
test ! -e /etc/shadow
test "$(grep -c : /proc/net/dev)" -le 1
echo contained`;

const PROBE_LIMITS = {
  memoryMb: 64,
  processorSeconds: 5,
  wallSeconds: 20,
  outputKb: 16,
  workspaceMb: 1,
  files: 10,
  processes: 16,
  network: false,
} as const;

const HELP = "See docs/how-to/programs.md.";

/**
 * Checks whether programs can run on this machine, by running one. Without a sandbox they never run.
 * @param kind the setting WEFT_SANDBOX
 */
export async function checkSandbox(kind: Config["sandbox"]): Promise<SandboxCheck> {
  const refuse = (reason: string): SandboxCheck => ({ isUsable: false, reason: `${reason} ${HELP}` });
  if (kind === "off") return refuse("Programs are off in this installation. An operator can turn them on with WEFT_SANDBOX=bubblewrap.");
  const filter = process.platform === "linux" ? seccompFilter(process.arch) : null;
  if (!filter) return refuse("Programs run on Linux only, on x86-64 or arm64.");
  const missing = needed.find((path) => !existsSync(path));
  if (missing !== undefined) return refuse(`${missing} is missing. An operator must install the packages bubblewrap and util-linux.`);
  // The runner finds the processes of a program by it.
  if (!existsSync(`/proc/self/task/${process.pid}/children`)) return refuse("The kernel does not list the children of processes.");
  const command = ["/bin/sh", "-c", PROBE] as const;
  const program = { tenantId: "", command, env: new Map(), stdin: "", files: new Map(), commands: null, limits: PROBE_LIMITS };
  const { exitCode, stdout, stderr } = await runProgram(bubblewrapTask(program, filter), {
    signal: AbortSignal.timeout(30_000),
    onOutput: () => undefined,
  });
  if (exitCode === 0 && stdout === "contained\n") return { isUsable: true };
  const said = stderr.trim().split("\n").at(-1)?.slice(0, 300);
  return refuse(`The sandbox does not start: ${said || `exit code ${exitCode}`}. An operator must allow user namespaces to the worker.`);
}

/** Opens the sandbox of a worker, and logs whether it can be used. */
export async function openProgramSandbox({
  config,
  log,
}: {
  readonly config: Pick<Config, "sandbox">;
  readonly log: Logger;
}): Promise<ProgramSandbox> {
  const check = await checkSandbox(config.sandbox);
  if (check.isUsable) log.info("programs of steps run in bubblewrap");
  else if (config.sandbox === "off") log.debug("programs of steps are off");
  else log.error({ reason: check.reason }, "programs of steps are refused, because there is no usable sandbox");
  const processors = availableParallelism();
  // One more than a tenant can have: programs that sleep must not keep those of all others waiting.
  const turns = new Turns(processors + 1, processors);
  const filter = check.isUsable ? seccompFilter(process.arch) : null;
  return {
    check,
    run: (program, run) => {
      if (!filter) throw new Error("There is no usable sandbox.");
      return turns.take(program.tenantId, run.signal, () => runProgram(bubblewrapTask(program, filter), run));
    },
  };
}
