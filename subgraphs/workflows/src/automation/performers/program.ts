import type { Json, JsonObject, StepReport } from "@weft/engine";
import { storable } from "@weft/shared/texts";
import { type ProgramInput, findCommand, isAllowed, problemOf, problemOfArguments, programsOf } from "../../programs/program-input.js";
import { programNetwork } from "../../programs/program-network.js";
import { type Program, type ProgramEnd, SCRIPT_PATH } from "../../programs/program.js";
import { failure, type Performer, type StepContext } from "./performer.js";

const SHELL = "/usr/bin/sh";
/** Levels of a value that the output `json` can have. Deeper ones cannot be stored safely. */
const MAX_DEPTH = 64;
/** Characters of each output that are kept. The log can have more. */
const MAX_OUTPUT = 256 * 1024;
/** Characters of the error output that the message of a failure quotes. */
const QUOTED = 500;

/** Exit codes of shells for a program that a signal has ended: SIGKILL and SIGXCPU. */
const KILLED = 128 + 9;
const PROCESSOR_LIMIT = 128 + 24;

/** Runs a program with a list of arguments. No shell reads them. */
export const performScript: Performer = (input, context) => {
  const { command, ...program } = input as unknown as ProgramInput & { readonly command: readonly string[] };
  const [name = "", ...given] = command;
  const { profile } = context;
  const path = findCommand(name);
  const shown = JSON.stringify(name.slice(0, 100));
  if (path === null) return failed("COMMAND_NOT_FOUND", `There is no program ${shown}. Programs are those of the installation's system.`);
  if (!isAllowed(path, profile.commands)) return failed("COMMAND_FORBIDDEN", `The security profile does not allow the program ${shown}.`);
  return perform(context, { input: program, command: [path, ...given], commands: programsOf(profile.commands, []) });
};

/** Runs the text of a shell script. It ends at the first command that fails, and at the first variable that is not set. */
export const performShell: Performer = (input, context) => {
  const { run, ...program } = input as unknown as ProgramInput & { readonly run: string };
  const { profile } = context;
  if (run.includes("\0")) return failed("INPUT_INVALID", "The script contains a NUL character.");
  const commands = programsOf(profile.commands, [SHELL]);
  return perform(context, { input: program, command: [SHELL, "-eu", SCRIPT_PATH], script: run, commands });
};

const failed = (code: string, message: string): Promise<StepReport> => Promise.resolve(failure(code, message, true));

type Work = Pick<Program, "command" | "script" | "commands"> & { readonly input: ProgramInput };

async function perform(context: StepContext, { input, ...rest }: Work): Promise<StepReport> {
  const { programs, profile, redact, signal, tenantId, timeoutMs } = context;
  const { limits } = profile;
  const { env = {}, files = {}, stdin = "", expect = [0], network = false } = input;
  if (!programs.check.isUsable) return failure("STEP_TYPE_UNAVAILABLE", programs.check.reason, true);
  if (network && programs.check.networkProblem !== null) return failure("STEP_TYPE_UNAVAILABLE", programs.check.networkProblem, true);
  const problem = problemOf(input, limits.workspaceMb * 1024 * 1024) ?? problemOfArguments(rest.command, env);
  if (problem !== null) return failure("INPUT_INVALID", problem, true);
  const program: Program = {
    ...rest,
    tenantId,
    env: new Map(Object.entries(env)),
    files: new Map(Object.entries(files)),
    stdin,
    limits: { ...limits, wallSeconds: Math.min(limits.wallSeconds, timeoutMs / 1000) },
    network: network ? networkOf(context) : null,
  };
  try {
    const end = await programs.run(program, { signal, onOutput: context.log });
    const { processorMs, memoryBytes, calls, sentBytes, receivedBytes } = end;
    if (calls > 0) context.log("system", `The program made ${calls} calls, sent ${sentBytes} bytes, and received ${receivedBytes}.`);
    return { ...reportOf(end, { limits, expect, redact, signal }), usage: { processorMs, memoryBytes, calls, sentBytes, receivedBytes } };
  } catch (error) {
    if (!signal.aborted) throw error;
    return failure("TIMEOUT", "The time of the step was over before there was room for its program.", false);
  }
}

/** The profile was checked before: see `violationsOfWork`. Without a list of hosts, a program reaches nothing all the same. */
function networkOf({ services: { config }, profile: { limits, domains }, log }: StepContext): Program["network"] {
  if (!limits.network) return null;
  return programNetwork({ policy: config.outbound, domains: domains ?? [], log: (text) => log("system", text) });
}

type Expected = Pick<StepContext, "redact" | "signal"> & { readonly limits: Program["limits"]; readonly expect: readonly number[] };
type Ended = Extract<StepReport, { readonly kind: "succeeded" | "failed" }>;

function reportOf(end: ProgramEnd, { limits, expect, redact, signal }: Expected): Ended {
  const { stoppedBy, exitCode, stdout, stderr } = end;
  const fail = (code: string, message: string, isFinal: boolean): Ended => failure(code, message, isFinal) as Ended;
  switch (stoppedBy) {
    case "output":
      return fail("OUTPUT_LIMIT", `The program wrote more than ${limits.outputKb} KB.`, true);
    case "memory":
      return fail("MEMORY_LIMIT", `The program used more than ${limits.memoryMb} MB of memory.`, true);
    case "processor":
      return fail("PROCESSOR_LIMIT", `The program used more than ${limits.processorSeconds} seconds of processor time.`, true);
    case "time":
      return fail("TIMEOUT", "The program took too long, and was ended.", false);
    case "aborted":
      return isTimeout(signal.reason)
        ? fail("TIMEOUT", "The program took too long, and was ended.", false)
        : fail("KILLED", "The program was told to stop.", false);
    case "lost":
      return fail("KILLED", "The process that watches the program has ended.", false);
    case null:
      break;
    default:
      return stoppedBy satisfies never;
  }
  if (exitCode === null) return fail("KILLED", "The sandbox was ended from outside.", false);
  if (expect.includes(exitCode)) return { kind: "succeeded", outputs: outputsOf(exitCode, stdout, stderr) };
  if (exitCode === PROCESSOR_LIMIT)
    return fail("PROCESSOR_LIMIT", `A process used more than ${limits.processorSeconds} seconds of processor time.`, true);
  if (exitCode === KILLED) return fail("KILLED", "The program was killed, for example because the machine has no memory left.", false);
  // Secrets are removed before the text is cut: half of one is not found.
  const said = redact(stderr.trim()).slice(-QUOTED).toWellFormed();
  return fail("EXIT_CODE", `The program ended with the exit code ${exitCode}${said === "" ? "." : `: ${said}`}`, false);
}

const isTimeout = (reason: unknown): boolean => reason instanceof DOMException && reason.name === "TimeoutError";

function outputsOf(exitCode: number, stdout: string, stderr: string): JsonObject {
  const json = jsonOf(stdout);
  const kept = (text: string): string => text.slice(0, MAX_OUTPUT).toWellFormed();
  return { exit_code: exitCode, stdout: kept(stdout), stderr: kept(stderr), ...(json !== undefined && { json }) };
}

/** The value of a text that is JSON, as the database can store it. */
function jsonOf(text: string): Json | undefined {
  if (text.length > MAX_OUTPUT || !/^\s*[[{"\d\-tfn]/.test(text) || isDeep(text)) return undefined;
  try {
    return JSON.parse(text, (_name, value: unknown) => (typeof value === "string" ? storable(value) : withStorableNames(value))) as Json;
  } catch {
    return undefined;
  }
}

/** Whether the text can have more levels than are allowed: parsing it would use the stack. */
function isDeep(text: string): boolean {
  let depth = 0;
  let isQuoted = false;
  // Every character is looked at once: a regular expression would look at some texts for minutes.
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isQuoted) {
      if (character === "\\") at++;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function withStorableNames(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [storable(name), member as unknown]));
}
