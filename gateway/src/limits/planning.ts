import { setTimeout as delay } from "node:timers/promises";
import { FairSemaphore, RateLimited, ServiceUnavailable, turnOf } from "@weft/shared";
import { LRUCache } from "lru-cache";
import { remainingMsOf } from "../context.js";
import type { OperationContext } from "../context.js";
import type { Executor } from "../executor.js";

/** More new texts of one tenant that wait are refused. */
const maxWaitingPerTenant = 50;

/** Who waits for a turn, and for how long. */
export type Waiting = Pick<OperationContext, "viewer" | "address" | "signal" | "deadline">;

/** Ends the turn of an operation; only the first call counts. `isKnown`: its text was planned, and needs no turn the next time. */
type EndTurn = (outcome: { readonly isKnown: boolean }) => void;

/**
 * Turns in which operations whose text is new are validated and planned: a long one takes a tenth of a second in which the process does nothing else. One at
 * a time, tenant by tenant, and after each the event loop serves others for as long as it took. Texts that are known do not wait.
 */
export class Planning {
  readonly #places = new FairSemaphore({
    size: 1,
    maxWaitingPerKey: maxWaitingPerTenant,
    refusal: ({ reason, isBehindItself, waiting }) => {
      if (reason === "too many wait")
        return new RateLimited(
          { retryAfter: 1 },
          `${maxWaitingPerTenant} operations of this organization with new texts wait to be planned already.`,
        );
      return isBehindItself
        ? new RateLimited(
            { retryAfter: 1 },
            "Other operations of this organization with new texts have taken all the time that this one had.",
          )
        : new ServiceUnavailable("gateway", new Error(`${waiting} operations with new texts wait to be planned.`));
    },
  });
  /** Bounded by the length of the texts. What the gateway has forgotten meanwhile is planned without a turn. */
  readonly #known = new LRUCache<string, true>({ maxSize: 4_000_000, sizeCalculation: (_known, text) => text.length + 1 });
  /** What is being planned, by the signal of its operation: the context is copied on its way. */
  readonly #running = new WeakMap<AbortSignal, EndTurn>();
  readonly #pause: (ms: number) => Promise<unknown>;

  /** @param pause the time after a turn in which the event loop serves others */
  constructor(pause: (ms: number) => Promise<unknown> = (ms) => delay(ms)) {
    this.#pause = pause;
  }

  /** Tells that the operation has asked a subgraph: its plan was made. */
  planned({ signal }: Pick<OperationContext, "signal">): void {
    this.#running.get(signal)?.({ isKnown: true });
  }

  /** Runs synchronous work on a new text, such as its validation, in a turn of its own. @throws RateLimited when too many new texts of the tenant wait */
  async turn<T>(context: Waiting, work: () => T): Promise<T> {
    const release = await this.#take(context);
    try {
      return work();
    } finally {
      release();
    }
  }

  /** @throws RateLimited when too many new texts of the tenant wait */
  over(executor: Executor): Executor {
    return {
      ...executor,
      execute: async (operation, context) => {
        const text = `${operation.operationName ?? ""} ${operation.query}`;
        if (this.#known.has(text)) return executor.execute(operation, context);
        const end = await this.#begin(text, context);
        try {
          const result = await executor.execute(operation, context);
          // Data without a call to a subgraph: the plan had none. No data: the text was refused, and would be validated again each time.
          end({ isKnown: result.data !== undefined });
          return result;
        } finally {
          end({ isKnown: false });
        }
      },
    };
  }

  async #begin(text: string, context: OperationContext): Promise<EndTurn> {
    const release = await this.#take(context);
    let hasEnded = false;
    const end: EndTurn = ({ isKnown }) => {
      if (hasEnded) return;
      hasEnded = true;
      if (isKnown) this.#known.set(text, true);
      release();
    };
    this.#running.set(context.signal, end);
    return end;
  }

  /** Waits for a turn; what it gives ends the turn, and passes it on after as long as it took. */
  async #take(context: Waiting): Promise<() => void> {
    const key = turnOf(context);
    await this.#places.take(key, { signal: context.signal, waitMs: remainingMsOf(context) });
    const began = performance.now();
    return () => void this.#pause(performance.now() - began).finally(() => this.#places.release(key));
  }
}
