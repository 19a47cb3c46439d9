/** What `openDatabases` needs to know; the configuration of a process has this shape. Times are in milliseconds. */
export interface DatabaseSettings extends Partial<Timeouts> {
  readonly appUrl?: string | undefined;
  /** Left out where a process does no background work. */
  readonly workerUrl?: string | undefined;
  /** Left out where a process computes no viewers and takes no logins. */
  readonly authUrl?: string | undefined;
  /** Connections of this process, per pool. */
  readonly pools?: Partial<PoolSizes>;
  /** Processes of this kind that share the server, for the connection budget. Default 1. */
  readonly processes?: number;
}

export interface PoolSizes {
  readonly app: number;
  readonly worker: number;
  readonly auth: number;
  readonly health: number;
}

export interface Timeouts {
  /** A statement runs no longer. */
  readonly statementTimeoutMs: number;
  /** A statement waits no longer for a lock. */
  readonly lockTimeoutMs: number;
  /** A transaction that says nothing for so long is ended by the server. */
  readonly idleInTransactionTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** A caller waits no longer for a free connection: better refused at once than queued for ever. */
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
