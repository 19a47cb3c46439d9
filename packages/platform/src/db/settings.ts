/** Settings for `openDatabases`. The configuration of a process has this shape. Times are in milliseconds. */
export interface DatabaseSettings extends Partial<Timeouts> {
  readonly appUrl?: string | undefined;
  /** Omitted if a process does no background work. */
  readonly workerUrl?: string | undefined;
  /** Omitted if a process computes no viewers and accepts no logins. */
  readonly authUrl?: string | undefined;
  /** Connections of this process per pool. */
  readonly pools?: Partial<PoolSizes>;
  /** Number of processes of this kind that share the server, for the connection budget. Default: 1. */
  readonly processes?: number;
}

export interface PoolSizes {
  readonly app: number;
  readonly worker: number;
  readonly auth: number;
  readonly health: number;
}

export interface Timeouts {
  /** Maximum duration of a statement. */
  readonly statementTimeoutMs: number;
  /** Maximum time that a statement waits for a lock. */
  readonly lockTimeoutMs: number;
  /** The server terminates transactions that are idle for longer. */
  readonly idleInTransactionTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Maximum time that a caller waits for a free connection. Rejecting early is better than queuing without end. */
  readonly waitTimeoutMs: number;
}

const defaultPools: PoolSizes = { app: 12, worker: 6, auth: 4, health: 1 };

const defaultTimeouts: Timeouts = {
  statementTimeoutMs: 10_000,
  lockTimeoutMs: 5_000,
  idleInTransactionTimeoutMs: 15_000,
  connectTimeoutMs: 3_000,
  waitTimeoutMs: 2_000,
};

export function poolSizesOf(settings: DatabaseSettings): PoolSizes {
  return { ...defaultPools, ...settings.pools };
}

export function timeoutsOf(settings: DatabaseSettings): Timeouts {
  return { ...defaultTimeouts, ...settings };
}
