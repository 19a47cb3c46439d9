import { setTimeout as delay } from "node:timers/promises";
import { RateLimited, ServiceUnavailable } from "@weft/shared/errors";
import { assertComputingShare } from "@weft/platform/computing";
import { FairSemaphore, turnOf } from "@weft/platform/fairness";
import { LRUCache } from "lru-cache";
import { remainingMsOf } from "../context.js";
import type { OperationContext } from "../context.js";
import type { Executor, Operation } from "../executor.js";
import { executorOver } from "../executor-over.js";

/** Maximum number of new texts of one tenant that can wait. Further ones are refused. */
const maxWaitingPerTenant = 50;

/**
 * Longest pause after a text. Texts that take longer are planned in a thread, and the event loop serves other work meanwhile. Without this limit, a text
 * that the planner gives up after 10 s would delay all others for another 10 s.
 */
const maxPauseMs = 1_000;

/** The caller that waits for a turn, and its deadline. */
export type Waiting = Pick<OperationContext, "viewer" | "address" | "signal" | "deadline">;

/** Ends the turn of an operation. Only the first call counts. `isKnown`: the text was planned, and needs no turn the next time. */
type EndTurn = (outcome: { readonly isKnown: boolean }) => void;

/** An operation that was planned, whatever its variables are. */
export type PlannedOperation = Omit<Operation, "variables">;

/** Name of the operation of a text. What an internal one may call is unknown to clients: theirs with the same text is refused, after its turn. */
const nameOf = ({ operationName, isInternal }: PlannedOperation): string => `${isInternal ? "internal " : ""}${operationName ?? ""}`;

type AssertShare = (tenantId: string, waiting: { readonly deadline?: number | undefined }) => void;

/**
 * Schedules the validation and planning of operations with new texts. A long text takes a tenth of a second, during which the process does nothing
 * else. Texts are processed one at a time, tenant by tenant. After each one, the event loop serves other work for as long as it took, at most a second.
 * Known texts do not wait.
 */
export class Planning {
  readonly #places = new FairSemaphore({
    size: 1,
    maxWaitingPerKey: maxWaitingPerTenant,
    refusal: ({ reason, isBehindItself, waiting }) => {
      if (reason === "too many wait")
        return new RateLimited(
          { retryAfter: 1 },
          `${maxWaitingPerTenant} new operations of your organization are already waiting to be planned.`,
        );
      return isBehindItself
        ? new RateLimited({ retryAfter: 1 }, "Other new operations of your organization used all the time that was available for this one.")
        : new ServiceUnavailable("gateway", new Error(`${waiting} new operations are waiting to be planned.`));
    },
  });
  /**
   * Operations that are planned, by their texts, which are not copied for a lookup, and their names. Limited by the total length of the texts. A text that
   * the gateway has evicted in the meantime is planned without a turn.
   */
  readonly #known = new LRUCache<string, Map<string, PlannedOperation>>({
    maxSize: 4_000_000,
    sizeCalculation: (_known, text) => text.length + 1,
  });
  /** Operations being planned, by their signal, because the context object is copied along the way. */
  readonly #running = new WeakMap<AbortSignal, EndTurn>();
  readonly #pause: (ms: number) => Promise<unknown>;
  readonly #assertShare: AssertShare;

  /**
   * @param pause waits for a time after a turn, in which the event loop serves other work
   * @param assertShare throws if a tenant has used its share of processor time
   */
  constructor(pause: (ms: number) => Promise<unknown> = (ms) => delay(ms), assertShare: AssertShare = assertComputingShare) {
    this.#pause = pause;
    this.#assertShare = assertShare;
  }

  /** Called when the operation calls a subgraph, which means that its plan is complete. */
  planned({ signal }: Pick<OperationContext, "signal">): void {
    this.#running.get(signal)?.({ isKnown: true });
  }

  /**
   * Runs synchronous work on a new text, such as its validation, in its own turn. @throws RateLimited if too many new texts of the tenant are waiting
   */
  async turn<T>(context: Waiting, work: () => T): Promise<T> {
    const release = await this.#take(context);
    try {
      return work();
    } finally {
      release();
    }
  }

  /** Returns an executor in which new texts wait for their turn. @throws RateLimited if too many new texts of the tenant are waiting */
  over(executor: Executor): Executor {
    return executorOver(executor, async (operation, context) => {
      // `get`, because the recently used ones are planned again when the supergraph is reloaded.
      if (this.#known.get(operation.query)?.has(nameOf(operation))) return executor.execute(operation, context);
      const end = await this.#begin(operation, context);
      try {
        const result = await executor.execute(operation, context);
        // Data without a subgraph call: the plan contains none. No data: the text was refused, and would be validated again each time.
        end({ isKnown: result.data !== undefined });
        return result;
      } finally {
        end({ isKnown: false });
      }
    });
  }

  /** Returns the operations that were planned, the most recently used first. */
  known(): PlannedOperation[] {
    return [...this.#known.values()].flatMap((byName) => [...byName.values()]);
  }

  /** Another supergraph is served from now on, for which only these operations are planned. */
  restart(planned: readonly PlannedOperation[]): void {
    this.#known.clear();
    for (const operation of planned) this.#add(operation);
  }

  #add(operation: PlannedOperation): void {
    const byName = this.#known.get(operation.query) ?? new Map<string, PlannedOperation>();
    this.#known.set(operation.query, byName.set(nameOf(operation), operation));
  }

  async #begin({ query, operationName, isInternal }: Operation, context: OperationContext): Promise<EndTurn> {
    const release = await this.#take(context);
    // Without the variables, which can be secret.
    const planned = { query, ...(operationName !== undefined && { operationName }), ...(isInternal && { isInternal }) };
    let hasEnded = false;
    const end: EndTurn = ({ isKnown }) => {
      if (hasEnded) return;
      hasEnded = true;
      if (isKnown) this.#add(planned);
      release();
    };
    this.#running.set(context.signal, end);
    return end;
  }

  /** Waits for a turn. The returned function ends the turn, and passes it on after a pause of the same length, at most `maxPauseMs`. */
  async #take(context: Waiting): Promise<() => void> {
    const key = turnOf(context);
    this.#assertShare(key, { deadline: context.deadline });
    await this.#places.take(key, { signal: context.signal, waitMs: remainingMsOf(context) });
    const began = performance.now();
    return () => void this.#pause(Math.min(maxPauseMs, performance.now() - began)).finally(() => this.#places.release(key));
  }
}
