import { simulate as simulateMachine, type Actor, type RunOfState, type SimulationEnd } from "@weft/engine";
import { CliError, exitCodes } from "../cli-error.js";
import { validFiles, compileFile } from "../definitions/compile-file.js";
import { readDefinitionFiles } from "../definitions/files.js";
import { readInputs } from "../definitions/read-inputs.js";
import { readStubs } from "../definitions/read-stubs.js";
import { paint, printable, table, type Io, type Result } from "../io.js";
import type { SimulationOutput } from "../output/outputs.js";

export interface SimulateOptions {
  readonly inputs?: readonly string[];
  readonly stub?: readonly string[];
  readonly now?: string;
}

const MAX_MS = 30_000;
const user = "00000000-0000-7000-8000-000000000000";
const actor: Actor = { id: user, roles: [], permissions: [], principals: { userIds: [user], teamIds: [], vendorId: null } };

/** Says what the steps of a definition would do. Needs no server: nothing is called, and stubs or examples take the place of results. */
export async function simulate(io: Io, path: string, options: SimulateOptions): Promise<Result<SimulationOutput>> {
  const compiled = validFiles(readDefinitionFiles(io.cwd, [path]).map((file) => compileFile(file)));
  const [first] = compiled;
  if (!first) throw new CliError(`There is no definition in ${path}.`, exitCodes.usage, "NO_DEFINITION");
  if (compiled.length > 1)
    throw new CliError(`${path} contains several definitions. Name one file.`, exitCodes.usage, "SEVERAL_DEFINITIONS");
  const { machine, file } = first;
  const data = await readInputs(io, options.inputs ?? []);
  const stubs = readStubs(machine, options.stub ?? []);
  const simulated = simulateMachine(machine, { data, ownerId: user, actor, now: nowOf(options) }, [], { steps: { stubs } });
  if (!simulated.ok) {
    const { reasons, problems } = simulated.rejection;
    const all = [...reasons.map(({ message }) => ({ path: "", message })), ...problems];
    throw new CliError("It cannot be started with these inputs.", exitCodes.failed, "BAD_USER_INPUT", all);
  }
  const end = drain(simulated);
  const output: SimulationOutput = {
    file: file.file,
    key: machine.key,
    state: end.snapshot.state,
    status: end.snapshot.status,
    path: [...end.visited],
    runs: end.runs.map(toRun),
  };
  const hasFailed = output.runs.some(({ status }) => status === "FAILED" || status === "CANCELLED");
  return { data: output, text: textOf(io, output), exitCode: hasFailed ? exitCodes.failed : exitCodes.ok };
}

function nowOf({ now }: SimulateOptions): string {
  if (now === undefined) return new Date().toISOString();
  const time = new Date(now);
  if (Number.isNaN(time.getTime()))
    throw new CliError(
      `${JSON.stringify(now)} is not a valid date-time. Use ISO 8601, for example 2026-03-01T09:30:00Z.`,
      exitCodes.usage,
      "USAGE",
    );
  return time.toISOString();
}

function drain({ steps }: Extract<ReturnType<typeof simulateMachine>, { readonly ok: true }>): SimulationEnd {
  const startedAt = performance.now();
  for (;;) {
    const next = steps.next();
    if (next.done === true) {
      if ("message" in next.value) throw new CliError(next.value.message, exitCodes.failed);
      return next.value;
    }
    if (performance.now() - startedAt > MAX_MS)
      throw new CliError(`The simulation takes longer than ${MAX_MS / 1000} seconds.`, exitCodes.failed, "TOO_LONG");
  }
}

const toRun = ({ state, run }: RunOfState): SimulationOutput["runs"][number] => ({
  state,
  status: run.status,
  unfinished: run.unfinished,
  outputs: run.outputs,
  steps: run.steps.map(({ step, type, index, status, reason, condition, attempts, outputs, error }) => ({
    step,
    type,
    index,
    status,
    reason,
    condition: condition && { text: condition.text, holds: condition.holds },
    attempts: attempts.map(({ attempt, isCompensation, at, input, end, origin }) => ({ attempt, isCompensation, at, input, end, origin })),
    outputs,
    error: error && { code: error.code, message: error.message },
  })),
  effects: run.effects.map(({ kind, step, text }) => ({ kind, step, text })),
});

const statusColor = { SUCCEEDED: "green", FAILED: "red", CANCELLED: "red", SKIPPED: "dim" } as const;
const colored = (io: Io, status: string): string => paint(io, statusColor[status as keyof typeof statusColor] ?? "yellow", status);

function textOf(io: Io, { key, path, state, status, runs }: SimulationOutput): string {
  const lines = [`${paint(io, "bold", key)}: ${path.join(" → ")}`];
  for (const run of runs) {
    const rows = run.steps.flatMap((step) => {
      const name = step.index === null ? step.step : `${step.step}[${step.index}]`;
      const why = step.error
        ? `${step.error.code}: ${step.error.message}`
        : (step.reason ?? (step.condition ? `when ${step.condition.text}` : ""));
      const head = ["  ", name, step.type, step.status, why];
      return [
        head,
        ...step.attempts.map((one) => [
          "  ",
          "",
          "",
          "",
          `${one.isCompensation ? "undo, " : ""}attempt ${one.attempt}: ${one.end}, ${sources[one.origin] ?? one.origin}, input ${JSON.stringify(one.input)}`,
        ]),
      ];
    });
    lines.push(printable(table(rows)));
    for (const effect of run.effects) lines.push(printable(`  ${effect.kind} by ${effect.step}: ${effect.text}`));
    lines.push(`  run: ${colored(io, run.status)}${run.unfinished === null ? "" : `, ${run.unfinished}`}`);
    if (run.outputs !== null) lines.push(printable(`  outputs: ${JSON.stringify(run.outputs)}`));
  }
  if (runs.length === 0) lines.push("  No state that it enters runs steps.");
  lines.push(`ends in ${state} (${status})`, "Nothing was called. Results without --stub are examples.");
  return lines.join("\n");
}

const sources: Readonly<Record<string, string>> = { STUB: "stub", PLACEHOLDER: "example", COMPUTED: "computed" };
