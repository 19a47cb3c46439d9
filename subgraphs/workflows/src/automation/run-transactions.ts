import {
  findDueRuns,
  postponeRun,
  stopUnworkableRun,
  workOnRuns,
  type DueRun,
  type RunWork,
  type RunWorkDone,
  type StepResult,
  type TakenStep,
} from "@weft/engine";
import { ServiceUnavailable } from "@weft/shared/errors";
import { asTenant, isConnectionLoss, isTimeout, type Tx } from "@weft/platform/db";
import { metaOfWork, type WriteMeta } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import type { EmitAllowances } from "./emit-allowances.js";

/** Due runs of one turn of a tenant, in addition to its steps that begin. */
const RUNS_PER_TURN = 32;
/** Time for which a run waits that cannot be worked on for a reason that nobody has foreseen. */
const POSTPONED_SECONDS = 30;
/** Failures in a row, in all processes, after which a run gets an incident, and is tried again less often. */
const MAX_FAILURES = 10;
const STOPPED_SECONDS = 600;
const POSTPONING = { seconds: POSTPONED_SECONDS, maxFailures: MAX_FAILURES, stoppedSeconds: STOPPED_SECONDS };

export interface RunTransactionsOptions extends Pick<Services, "databases" | "keyring" | "log" | "secrets"> {
  readonly leaseSeconds: number;
  readonly onEnded?: (instanceIds: readonly string[]) => void;
  /** Absent: no steps that emit events are taken. */
  readonly emits?: EmitAllowances;
  /** What external workers do differently. */
  readonly external?: ExternalWork;
}

export interface ExternalWork extends Required<Pick<RunWork, "takes" | "beforeEnd">> {
  readonly requestId: string;
  /** Finds the steps that can be taken. */
  readonly findDue: (tx: Tx, limit: number) => Promise<readonly DueRun[]>;
}

type Work = Pick<RunWork, "results" | "due" | "room">;

/** `failed`: errors of results that could not be recorded. `done`: number of what was due and is done. */
export type Worked = {
  readonly taken: readonly TakenStep[];
  /** The results that were current. */
  readonly recorded: readonly StepResult[];
  readonly failed: ReadonlyMap<StepResult, unknown>;
  readonly done: number;
  /** Whether more can be done at once: steps that can begin were left, or more is due than was looked at. */
  readonly isMore: boolean;
};

export interface RunTransactions {
  /** Records results, and takes steps that can begin now. */
  work(tenantId: string, work: Work): Promise<Worked>;
  /** Does what is due in the tenant, and takes up to `room` steps. */
  takeDue(tenantId: string, room: number): Promise<Worked>;
}

/** Whether no connection could be had. A run that takes too long, or that ends its connection, must not delay the others. */
const isOutage = (error: unknown): error is ServiceUnavailable =>
  error instanceof ServiceUnavailable && !isTimeout(error) && !isConnectionLoss(error.cause);

/**
 * The transactions of a worker. Each concerns many runs of a tenant. Runs that others have locked, and all of them if the transaction fails, are worked
 * on one by one, so that a run that cannot be worked on stops no other.
 */
export function runTransactions({
  databases,
  keyring,
  log,
  secrets,
  leaseSeconds,
  onEnded,
  emits,
  external,
}: RunTransactionsOptions): RunTransactions {
  const metaOf = (tenantId: string): WriteMeta => metaOfWork(external?.requestId ?? "runs", tenantId, keyring);
  const worksOf = (tenantId: string): Omit<RunWork, keyof Work | "skipLocked"> => {
    const allowance = emits?.of(tenantId);
    return {
      leaseSeconds,
      secrets,
      ...(allowance && { emits: allowance }),
      ...(external && { takes: external.takes, beforeEnd: external.beforeEnd, seeksSecrets: true }),
    };
  };
  const transact = async (tenantId: string, fn: (tx: Tx, meta: WriteMeta) => Promise<RunWorkDone>): Promise<RunWorkDone> => {
    const meta = metaOf(tenantId);
    const worked = await asTenant(databases.app, { tenantId }, "write", (tx) => fn(tx, meta));
    // It must not fail, because what was taken would be forgotten.
    await emits?.count(tenantId, worked.emitted).catch((error: unknown) => {
      log.warn({ err: error, tenantId }, "events of runs could not be counted");
    });
    if (worked.ended.length > 0) onEnded?.(worked.ended);
    return worked;
  };

  /** Works on the rest, run by run. An outage of the database is no failure of a run: what is due stays due, and is found again. */
  async function workOneByOne(tenantId: string, work: Work): Promise<Worked> {
    const results = Map.groupBy(work.results, ({ taken }) => taken.runId);
    const due = Map.groupBy(work.due, ({ runId }) => runId);
    const taken: TakenStep[] = [];
    const recorded: StepResult[] = [];
    const failed = new Map<StepResult, unknown>();
    let done = 0;
    let isMore = false;
    let outage: ServiceUnavailable | null = null;
    for (const id of new Set([...results.keys(), ...due.keys()])) {
      const one = { results: results.get(id) ?? [], due: due.get(id) ?? [], room: work.room - taken.length };
      try {
        if (outage !== null) throw outage;
        const worked = await transact(tenantId, (tx, meta) => workOnRuns(tx, meta, { ...one, ...worksOf(tenantId), skipLocked: false }));
        taken.push(...worked.taken);
        recorded.push(...worked.recorded);
        done += one.due.length;
        isMore ||= worked.isMoreReady;
      } catch (error) {
        for (const result of one.results) failed.set(result, error);
        if (isOutage(error)) outage = error;
        if (outage !== null) continue;
        if (one.due.length === 0) continue;
        log.error({ err: error, tenantId, runId: id }, "a run could not be worked on; it will be tried again");
        await postpone(tenantId, id);
      }
    }
    return { taken, recorded, failed, done, isMore };
  }

  /** Must not fail, because what was taken for other runs would be forgotten. The run is then due at once. */
  async function postpone(tenantId: string, runId: string): Promise<void> {
    try {
      const failures = await asTenant(databases.app, { tenantId }, "write", (tx) => postponeRun(tx, runId, POSTPONING));
      const meta = metaOf(tenantId);
      if (failures >= MAX_FAILURES) await asTenant(databases.app, { tenantId }, "write", (tx) => stopUnworkableRun(tx, meta, runId));
    } catch (error) {
      log.warn({ err: error, tenantId, runId }, "a run could not be postponed");
    }
  }

  async function afterwards(tenantId: string, work: Work, worked: RunWorkDone) {
    const { taken, recorded, isMoreReady } = worked;
    // Whoever has locked a run that a message names does what is due for it. Otherwise, the next search finds it.
    const named = new Set(work.due.flatMap(({ runId, isNamed }) => (isNamed ? [runId] : [])));
    for (const { taken: reported } of work.results) named.delete(reported.runId);
    const left = new Set([...worked.left].filter((id) => !named.has(id)));
    const done = work.due.filter(({ runId }) => !left.has(runId)).length;
    if (left.size === 0) return { taken, recorded, failed: new Map<StepResult, unknown>(), done, isMore: isMoreReady };
    const rest = await workOneByOne(tenantId, {
      results: work.results.filter((one) => left.has(one.taken.runId)),
      due: work.due.filter(({ runId }) => left.has(runId)),
      room: work.room - taken.length,
    });
    return {
      taken: [...taken, ...rest.taken],
      recorded: [...recorded, ...rest.recorded],
      failed: rest.failed,
      done: done + rest.done,
      isMore: isMoreReady || rest.isMore,
    };
  }

  async function work(tenantId: string, all: Work): Promise<Worked> {
    let worked;
    try {
      worked = await transact(tenantId, (tx, meta) => workOnRuns(tx, meta, { ...all, ...worksOf(tenantId), skipLocked: true }));
    } catch (error) {
      log.debug({ err: error, tenantId }, "runs could not be worked on together");
      return workOneByOne(tenantId, all);
    }
    return afterwards(tenantId, all, worked);
  }

  async function takeDue(tenantId: string, room: number): Promise<Worked> {
    const limit = external ? room : room + RUNS_PER_TURN;
    let due: readonly DueRun[] = [];
    let worked;
    try {
      worked = await transact(tenantId, async (tx, meta) => {
        due = await (external ? external.findDue(tx, limit) : findDueRuns(tx, { limit, withReady: room > 0 }));
        return workOnRuns(tx, meta, { results: [], due, room, ...worksOf(tenantId), skipLocked: true });
      });
    } catch (error) {
      if (due.length === 0) throw error;
      log.debug({ err: error, tenantId }, "runs could not be worked on together");
      return workOneByOne(tenantId, { results: [], due, room });
    }
    const all = await afterwards(tenantId, { results: [], due, room }, worked);
    return { ...all, isMore: all.isMore || due.length === limit };
  }

  return { work, takeDue };
}
