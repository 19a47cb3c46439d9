import { setTimeout as delay } from "node:timers/promises";
import { exitCodes, type ExitCode, usageError } from "../cli-error.js";
import { isFileName, publishFile } from "../definitions/publish-file.js";
import { readInputs } from "../definitions/read-inputs.js";
import { paint, printable, table, type Io, type Result } from "../io.js";
import type { LogLineOutput, RunOutput, RunsOutput } from "../output/outputs.js";
import { followLog } from "../runs/follow-log.js";
import { readInstance, readRun, type RunState } from "../runs/read-run.js";
import { openServer, type Server } from "../server.js";
import { targetOf, type SettingsSource } from "../settings/settings.js";

export interface RunOptions {
  readonly inputs?: readonly string[];
  readonly wait?: boolean;
  readonly timeout?: string;
  readonly idempotencyKey?: string;
}

export interface RunsOptions {
  readonly key?: string;
  readonly status?: string;
  readonly limit?: string;
}

const POLL_MIN_MS = 200;
const POLL_MAX_MS = 3000;

const startOperation = `mutation Start($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }`;
const listOperation = `query Runs($filter: RunFilter, $first: Int!) {
  runs(first: $first, filter: $filter) { totalCount edges { node { id definitionKey status createdAt finishedAt durationMs } } }
}`;
const cancelOperation = `mutation Cancel($input: CancelRunInput!) { cancelRun(input: $input) { run { id } } }`;

/**
 * Starts the newest published version of a key. With `wait`, it says what the run waits for, and the exit code says how it has ended. A file is published
 * first, and its programs' output is written as it comes.
 */
export async function run(io: Io, settings: SettingsSource, definition: string, options: RunOptions): Promise<Result<RunOutput>> {
  const target = targetOf(settings);
  const timeoutMs = secondsOf(options.timeout) * 1000;
  const data = await readInputs(io, options.inputs ?? []);
  const server = openServer(io, target);
  const isFile = isFileName(definition);
  const { definitionKey, environment } = isFile
    ? await publishFile(io, server, { file: definition, target })
    : { definitionKey: definition, environment: target.environment };
  const input = {
    definitionKey,
    environment,
    data,
    ...(options.idempotencyKey !== undefined && { idempotencyKey: options.idempotencyKey }),
  };
  const { startWorkflow } = await server.run<{ startWorkflow: { instance: { id: string } } }>(startOperation, { input });
  const instance = { id: startWorkflow.instance.id, definitionKey };
  const started = await readInstance(server, instance);
  if (options.wait !== true && !isFile) return { data: started.output, text: `Started ${named(started.output)}.` };
  io.say(`Started ${named(started.output)}.`);
  const stop = new AbortController();
  const waiting = waitForEnd(io, { read: () => readInstance(server, instance), timeoutMs }).then((state) => {
    if (!state.isEnded) stop.abort();
    return state;
  });
  const [ended] = await Promise.all([waiting, isFile && !io.isJson ? writeLog(io, server, { started, waiting, stop: stop.signal }) : null]);
  return resultOf(io, ended);
}

interface Logged {
  readonly started: RunState;
  /** Resolves when the run has ended, or there is no more time to wait. */
  readonly waiting: Promise<unknown>;
  readonly stop: AbortSignal;
}

/** Writes what programs write to their standard output, and says the rest. */
async function writeLog(io: Io, server: Server, { started, waiting, stop }: Logged): Promise<void> {
  const runId = started.output.id;
  if (runId === null) return;
  const onLines = (lines: readonly LogLineOutput[]): void => {
    for (const { stream, step, text } of lines)
      if (stream === "STDOUT") io.write(printable(text));
      else io.say(printable(`${step}: ${text}`));
  };
  await followLog({ server, runId, signal: AbortSignal.any([io.signal, stop]), onLines, ended: waiting });
}

async function waitForEnd(
  io: Io,
  { read, timeoutMs }: { readonly read: () => Promise<RunState>; readonly timeoutMs: number },
): Promise<RunState> {
  const startedAt = performance.now();
  let said = "";
  for (let pauseMs = POLL_MIN_MS; ; pauseMs = Math.min(POLL_MAX_MS, pauseMs * 1.5)) {
    const state = await read();
    const waiting = waitingText(state.output);
    if (waiting !== said && waiting !== "") io.say(waiting);
    said = waiting;
    if (state.isEnded || performance.now() - startedAt >= timeoutMs) return state;
    await delay(Math.min(pauseMs, timeoutMs), undefined, { signal: io.signal });
  }
}

const waitingText = ({ waitingFor }: RunOutput): string =>
  waitingFor.length === 0
    ? ""
    : `Waiting for ${waitingFor.map(({ step, type }) => printable(type === null ? step : `${step} (${type})`)).join(", ")}.`;

function resultOf(io: Io, { output, isEnded }: RunState): Result<RunOutput> {
  const { status, outputs, error } = output;
  const color = status === "SUCCEEDED" || status === "COMPLETED" ? "green" : "red";
  const lines = [`${named(output)}: ${isEnded ? paint(io, color, status) : `${status}, still running`}`];
  if (!isEnded && output.waitingFor.length > 0) lines.push(waitingText(output));
  if (error) lines.push(printable(`${error.code}: ${error.message}`));
  if (hasMembers(outputs)) lines.push(printable(JSON.stringify(outputs, null, 2)));
  const exitCode: ExitCode = !isEnded ? exitCodes.timedOut : color === "green" ? exitCodes.ok : exitCodes.failed;
  return { data: output, text: lines.join("\n"), exitCode };
}

const hasMembers = (outputs: unknown): boolean => typeof outputs === "object" && outputs !== null && Object.keys(outputs).length > 0;

const named = ({ id, instanceId, definitionKey }: RunOutput): string => `${id ?? instanceId} of ${definitionKey}`;

function secondsOf(text: string | undefined): number {
  if (text === undefined) return Infinity;
  const seconds = Number(text);
  if (!(seconds > 0)) throw usageError(`${JSON.stringify(text)} is not a number of seconds.`);
  return seconds;
}

/** Lists the runs that you can see, newest first. */
export async function runs(io: Io, settings: SettingsSource, options: RunsOptions): Promise<Result<RunsOutput>> {
  const limit = Number(options.limit ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw usageError("--limit must be a number from 1 to 100.");
  const filter = {
    ...(options.key !== undefined && { definitionKey: { eq: options.key } }),
    ...(options.status !== undefined && { status: { eq: options.status.toUpperCase() } }),
  };
  const { runs: found } = await openServer(io, targetOf(settings)).run<{
    runs: { totalCount: number; edges: { node: RunsOutput["runs"][number] }[] };
  }>(listOperation, { filter, first: limit });
  const list = found.edges.map(({ node }) => node);
  const rows = list.map(({ id, status, definitionKey, createdAt, durationMs }) => [
    id,
    status,
    createdAt,
    durationMs === null ? "" : `${(durationMs / 1000).toFixed(1)} s`,
    definitionKey,
  ]);
  const more = found.totalCount > list.length ? `\n${found.totalCount - list.length} more: raise --limit, or filter.` : "";
  return {
    data: { runs: list, totalCount: found.totalCount },
    text: list.length === 0 ? "There are no runs." : `${table([["RUN", "STATUS", "CREATED", "DURATION", "DEFINITION"], ...rows])}${more}`,
  };
}

/** Tells a run to stop. */
export async function cancel(
  io: Io,
  settings: SettingsSource,
  id: string,
  { comment }: { readonly comment?: string },
): Promise<Result<RunOutput>> {
  const server = openServer(io, targetOf(settings));
  await server.run(cancelOperation, { input: { id, ...(comment !== undefined && { comment }) } });
  const { output } = await readRun(server, id);
  return { data: output, text: `${named(output)}: ${output.status}` };
}
