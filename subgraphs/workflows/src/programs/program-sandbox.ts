import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Config } from "@weft/platform/config";
import type { Logger } from "@weft/platform/logging";
import { bubblewrapTask } from "./bubblewrap.js";
import type { Program, ProgramEnd, ProgramNetwork, ProgramRun } from "./program.js";
import { runProgram } from "./run-program.js";
import { seccompFilter } from "./seccomp-filter.js";
import { Turns } from "./turns.js";

/** Whether programs can run on this machine. */
export type SandboxCheck =
  | {
      readonly isUsable: true;
      /** Why programs cannot have a network here; null if they can. */
      readonly networkProblem: string | null;
    }
  | { readonly isUsable: false; readonly reason: string };

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

/** What the sandbox of a program with a network shows: its proxy, which refuses everything. */
const NETWORK_PROBE = `set -eu
while read -r line; do case $line in *:0C38*) echo listening;; esac; done </proc/net/tcp`;

const NO_TARGETS: ProgramNetwork = {
  limits: { connections: 1, calls: 1, bytes: 1, idleMs: 1000 },
  decide: () => Promise.resolve({ kind: "refused", rule: "network", message: "This is a check." }),
  onRefused: () => undefined,
  onLost: () => undefined,
};

const HELP = "See docs/how-to/programs.md.";

/**
 * Checks whether programs can run on this machine, by running one. Without a sandbox they never run.
 * @param kind as the configuration has it
 */
export async function checkSandbox(kind: Config["sandbox"]): Promise<SandboxCheck> {
  const refuse = (reason: string): SandboxCheck => ({ isUsable: false, reason: `${reason} ${HELP}` });
  if (kind === "off") return refuse("Programs are off in this installation. An operator can turn them on with WEFT_SANDBOX=bubblewrap.");
  if (process.platform !== "linux" || !seccompFilter(process.arch, false)) return refuse("Programs run on Linux only, on x86-64 or arm64.");
  const missing = needed.find((path) => !existsSync(path));
  if (missing !== undefined)
    return refuse(`${missing} is missing. An operator must install the packages bubblewrap and util-linux, and start Weft again.`);
  // The runner finds the processes of a program by it.
  if (!existsSync(`/proc/self/task/${process.pid}/children`)) return refuse("The kernel does not list the children of processes.");
  const [contained, listening] = await Promise.all([probe(PROBE, null), probe(NETWORK_PROBE, NO_TARGETS)]);
  const problemOf = ({ exitCode, stderr }: ProgramEnd): string => {
    const said = stderr.trim().split("\n").at(-1)?.slice(0, 300);
    return said || `exit code ${exitCode}`;
  };
  if (contained.exitCode !== 0 || contained.stdout !== "contained\n")
    return refuse(`The sandbox does not start: ${problemOf(contained)}. An operator must allow user namespaces to the worker.`);
  const hasNetwork = listening.exitCode === 0 && listening.stdout === "listening\n";
  return {
    isUsable: true,
    networkProblem: hasNetwork ? null : `The network of the sandbox does not start: ${problemOf(listening)}. ${HELP}`,
  };
}

function probe(script: string, network: ProgramNetwork | null): Promise<ProgramEnd> {
  const command = ["/bin/sh", "-c", script] as const;
  return start(
    { tenantId: "", command, env: new Map(), stdin: "", files: new Map(), commands: null, limits: PROBE_LIMITS, network },
    { signal: AbortSignal.timeout(30_000), onOutput: () => undefined },
  );
}

function start(program: Program, run: ProgramRun): Promise<ProgramEnd> {
  const filter = seccompFilter(process.arch, program.network !== null);
  if (!filter) throw new Error("There is no usable sandbox.");
  return runProgram(bubblewrapTask(program, filter), program.network, run);
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
  if (check.isUsable) {
    log.info("programs of steps run in bubblewrap");
    if (check.networkProblem !== null) log.warn({ reason: check.networkProblem }, "programs of steps cannot have a network");
  } else if (config.sandbox === "off") log.debug("programs of steps are off");
  else if (config.sandbox === "bubblewrap-if-present") log.info({ reason: check.reason }, "programs of steps are refused");
  else log.error({ reason: check.reason }, "programs of steps are refused, because there is no usable sandbox");
  const processors = availableParallelism();
  // One more than a tenant can have: programs that sleep must not keep those of all others waiting.
  const turns = new Turns(processors + 1, processors);
  return {
    check,
    run: (program, run) => {
      if (!check.isUsable) throw new Error("There is no usable sandbox.");
      return turns.take(program.tenantId, run.signal, () => start(program, run));
    },
  };
}
