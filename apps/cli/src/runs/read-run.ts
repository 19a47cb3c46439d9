import { CliError, exitCodes } from "../cli-error.js";
import type { RunOutput } from "../output/outputs.js";
import type { Server } from "../server.js";

export interface RunState {
  readonly output: RunOutput;
  readonly isEnded: boolean;
}

interface Shown {
  readonly id: string;
  readonly definitionKey: string;
  readonly status: string;
  readonly outputs: unknown;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly finishedAt: string | null;
  readonly instance: { readonly id: string } | null;
  readonly steps: readonly {
    readonly step: string;
    readonly index: number | null;
    readonly title: string;
    readonly type: string | null;
    readonly status: string;
  }[];
}

const runFields =
  "id definitionKey status outputs error { code message } finishedAt instance { id } steps { step index title type status }";
const runOperation = `query Run($id: ID!) { run(id: $id) { ${runFields} } }`;
const instanceOperation = `query Instance($id: ID!) { workflowInstance(id: $id) { id status runs { ${runFields} } } }`;

const toOutput = ({ id, definitionKey, status, outputs, error, instance, steps }: Shown): RunOutput => ({
  id,
  instanceId: instance?.id ?? "",
  definitionKey,
  status,
  waitingFor: steps
    .filter((step) => step.status === "WAITING" && step.index === null)
    .map(({ step, title, type }) => ({ step, title, type })),
  outputs,
  error,
});

/** Reads a run. @throws CliError if there is none that you can see */
export async function readRun(server: Server, id: string): Promise<RunState> {
  const { run } = await server.run<{ run: Shown | null }>(runOperation, { id });
  if (!run) throw new CliError(`There is no run ${id}.`, exitCodes.failed, "NOT_FOUND");
  return { output: toOutput(run), isEnded: run.finishedAt !== null };
}

/** Reads the newest run of an instance, or the instance itself if it has none. */
export async function readInstance(
  server: Server,
  { id, definitionKey }: { readonly id: string; readonly definitionKey: string },
): Promise<RunState> {
  const { workflowInstance: found } = await server.run<{ workflowInstance: { status: string; runs: Shown[] } }>(instanceOperation, { id });
  const [run] = found.runs;
  if (run) return { output: toOutput(run), isEnded: run.finishedAt !== null };
  return {
    output: { id: null, instanceId: id, definitionKey, status: found.status, waitingFor: [], outputs: null, error: null },
    isEnded: !["RUNNING", "SUSPENDED"].includes(found.status),
  };
}
