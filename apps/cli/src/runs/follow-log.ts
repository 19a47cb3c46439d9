import { createClient, type Client } from "graphql-ws";
import { CliError, exitCodes } from "../cli-error.js";
import type { LogLineOutput } from "../output/outputs.js";
import type { Server } from "../server.js";
import { readLog } from "./read-log.js";

/** How often a run is asked whether it has ended. Lines come at once. */
const CHECK_MS = 2000;
const NEVER = new Promise<never>(() => undefined);
const followOperation = `subscription Follow($runId: ID!, $after: String) {
  runLogs(runId: $runId, after: $after) { cursor lines { line step attempt stream text at } }
}`;

interface Follow {
  readonly server: Server;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly onLines: (lines: readonly LogLineOutput[]) => void;
  /** Resolves when the run has ended, if the caller knows it before it is asked here. */
  readonly ended?: Promise<unknown>;
}

/** Delivers each line of the log once and in order, until the run has ended. After a lost connection, it resumes at the last cursor. */
export async function followLog({ server, runId, signal, onLines, ended: isOver = NEVER }: Follow): Promise<void> {
  let last = 0;
  const deliver = (lines: readonly LogLineOutput[]): void => {
    const fresh = lines.filter(({ line }) => line > last);
    last = fresh.at(-1)?.line ?? last;
    if (fresh.length > 0) onLines(fresh);
  };
  const first = await readLog(server, runId, 0);
  deliver(first.lines);
  if (first.isEnded) return;
  const client = createClient({
    url: `${server.url.replace(/^http/, "ws")}/graphql`,
    connectionParams: async () => ({ authorization: `Bearer ${await server.token()}` }),
    lazy: true,
    retryAttempts: 0,
  });
  let cursor = first.liveCursor;
  const ended = new AbortController();
  try {
    await Promise.race([
      listen(client, {
        runId,
        stop: AbortSignal.any([signal, ended.signal]),
        after: () => cursor,
        onPayload: (payload) => {
          cursor = payload.cursor;
          deliver(payload.lines);
        },
      }),
      untilEnded(server, { runId, signal: AbortSignal.any([signal, ended.signal]) }),
      isOver,
    ]);
  } finally {
    ended.abort();
    await client.dispose();
  }
  // The end may be known before the last lines have come.
  if (!signal.aborted) deliver((await readLog(server, runId, last)).lines);
}

interface Payload {
  readonly cursor: string;
  readonly lines: readonly LogLineOutput[];
}

interface Listening {
  readonly runId: string;
  readonly stop: AbortSignal;
  readonly after: () => string | null;
  readonly onPayload: (payload: Payload) => void;
}

/** Subscribes, again and again. Never resolves before `stop`. @throws CliError if the server refuses */
async function listen(client: Client, { runId, stop, after, onPayload }: Listening): Promise<void> {
  for (let pauseMs = 250; !stop.aborted; pauseMs = Math.min(5000, pauseMs * 2)) {
    try {
      for await (const { data, errors } of client.iterate<{ runLogs: Payload }>({
        query: followOperation,
        variables: { runId, after: after() },
      })) {
        if (errors?.[0]) throw new CliError(errors[0].message, exitCodes.failed, "SUBSCRIPTION_REFUSED");
        if (data) onPayload(data.runLogs);
        pauseMs = 250;
      }
    } catch (error) {
      if (error instanceof CliError) throw error;
      // Errors of GraphQL come as a list; anything else is a lost connection.
      if (Array.isArray(error)) throw new CliError(String((error[0] as { message?: string }).message), exitCodes.failed);
    }
    await pause(pauseMs, stop);
  }
}

async function untilEnded(server: Server, { runId, signal }: { readonly runId: string; readonly signal: AbortSignal }): Promise<void> {
  while (!signal.aborted) {
    await pause(CHECK_MS, signal);
    const state = await server
      .run<{ run: { finishedAt: string | null } | null }>("query Ended($id: ID!) { run(id: $id) { finishedAt } }", { id: runId })
      .catch((error: unknown) => {
        // The server restarts: the run goes on, and so does this command.
        if (error instanceof CliError && error.code === "UNREACHABLE") return null;
        throw error;
      });
    if (state !== null && state.run?.finishedAt !== null) return;
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
