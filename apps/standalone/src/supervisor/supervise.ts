import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

/** Exit code of a server child whose configuration is invalid (EX_CONFIG of sysexits.h). Restarting it would not help. */
export const configurationRefused = 78;

/** Given to a child whose supervisor sends it a part of its environment, which is not known yet. */
export const environmentFollows = "--environment-follows";

/** The message with that part. */
export interface FollowingEnvironment {
  readonly environment: NodeJS.ProcessEnv;
}

export interface SuperviseOptions {
  /** The script of the server child. It exits with 0 on SIGTERM and when its IPC channel closes. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** The part of the environment that is known later. The child starts without it, and waits for it with `awaitEnvironment`. */
  readonly laterEnv?: Promise<NodeJS.ProcessEnv> | undefined;
  readonly execArgv?: readonly string[];
  readonly say: (line: string) => void;
  /** How long the child can drain before it is killed. Default: 20 s. */
  readonly drainMs?: number;
  /** Wait before the n-th consecutive restart (n from 1). Default: 0.25 s, doubling up to 10 s. */
  readonly backOffMs?: (failures: number) => number;
  /** A child that ran for at least this long counts as started: the next failure is the first again. Default: 30 s. */
  readonly steadyMs?: number;
}

export interface Supervision {
  /** The exit code, once the child has ended permanently. */
  readonly ended: Promise<number>;
  /** First call: asks the child to drain, and kills it if that takes too long. Second call: kills it immediately. */
  stop(): void;
}

/** Keeps one server child running until it is told to stop, or the child rejects its configuration. */
export function supervise(options: SuperviseOptions): Supervision {
  const { drainMs = 20_000, steadyMs = 30_000, backOffMs = defaultBackOffMs, say } = options;
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  let killTimer: NodeJS.Timeout | undefined;

  const run = async (): Promise<number> => {
    for (let failures = 0; !stopping.signal.aborted;) {
      const startedAt = performance.now();
      child = launch(options);
      const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
      child = undefined;
      clearTimeout(killTimer);
      // SIGTERM ends a child that has not installed its handler yet.
      if (stopping.signal.aborted) return code === 0 || signal === "SIGTERM" ? 0 : 1;
      if (code === configurationRefused) return configurationRefused;
      failures = performance.now() - startedAt >= steadyMs ? 1 : failures + 1;
      const waitMs = backOffMs(failures);
      say(`The server ended unexpectedly (${signal ?? `code ${code}`}); restarting it in ${(waitMs / 1000).toFixed(2)} s.`);
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    return 0;
  };

  const stop = (): void => {
    if (stopping.signal.aborted) {
      child?.kill("SIGKILL");
      return;
    }
    stopping.abort();
    child?.kill("SIGTERM");
    killTimer = setTimeout(() => {
      say(`The server did not drain within ${drainMs / 1000} s; killing it.`);
      child?.kill("SIGKILL");
    }, drainMs);
    if (!child) clearTimeout(killTimer);
  };

  return { ended: run(), stop };
}

/**
 * Starts the child in its own session, so that a Ctrl-C reaches it only through this process, once. If this process is killed, the child notices by
 * its IPC channel.
 */
function launch({ script, env, laterEnv, execArgv = [] }: SuperviseOptions): ChildProcess {
  const child = fork(script, laterEnv ? [environmentFollows] : [], {
    env,
    execArgv: [...execArgv],
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  // Either "exit" follows, or the child was never created. Both end the wait above.
  child.on("error", () => {
    if (child.pid === undefined) child.emit("exit", 1, null);
  });
  // If there is none, whoever waits for it stops the supervision.
  laterEnv?.then(
    (environment) => child.connected && child.send({ environment } satisfies FollowingEnvironment),
    () => undefined,
  );
  return child;
}

function defaultBackOffMs(failures: number): number {
  return Math.min(10_000, 250 * 2 ** (failures - 1));
}
