import { AsyncLocalStorage } from "node:async_hooks";
import type { QueryPlanCache } from "@apollo/query-planner";
import { processorMs } from "@weft/platform/computing";
import { LRUCache } from "lru-cache";
import type { Execute } from "../execution/compiled-operations.js";
import type { QueryPlan } from "../execution/plan.js";
import type { Planner, PlanOfThread } from "./planner.js";
import type { PlanTask } from "./planner-thread.js";

export interface PlanCacheOptions {
  readonly planner: Pick<Planner, "plan" | "start">;
  /** Memory for plans in MiB. The least recently used are evicted first. */
  readonly maxMiB: number;
  /** Processor time of planning in the event loop after which the thread starts. A process that plans little does not need the thread. */
  readonly startAfterMs: number;
}

/** An operation that Apollo Gateway executes, and the processor time at which it began to plan the operation itself. */
interface Executing extends PlanTask {
  planningSinceMs?: number;
}

/**
 * The query plans of Apollo Gateway. Unknown plans come from the planner's thread. Until the thread is ready, Apollo Gateway plans operations itself, in
 * the event loop.
 */
export class PlanCache implements QueryPlanCache {
  readonly #options: PlanCacheOptions;
  readonly #plans: LRUCache<string, QueryPlan>;
  /** Plans that the thread is making. Equal operations wait for the same plan. */
  readonly #pending = new Map<string, Promise<PlanOfThread | undefined>>();
  /** Apollo Gateway asks for a plan by its key, without the operation. */
  readonly #executing = new AsyncLocalStorage<Executing>();
  #spentMs = 0;

  constructor(options: PlanCacheOptions) {
    this.#options = options;
    this.#plans = new LRUCache({ maxSize: options.maxMiB * 1024 * 1024 });
  }

  /** Returns an executor that uses Apollo Gateway's with plans from the thread. */
  over(apollo: Execute): Execute {
    return (request) => this.#executing.run({ text: request.source, operationName: request.request.operationName }, () => apollo(request));
  }

  /** Returns a plan, or undefined if Apollo Gateway has to make it. Throws the error of the query planner, or SERVICE_UNAVAILABLE. */
  async get(key: string): Promise<QueryPlan | undefined> {
    const known = this.#plans.get(key);
    if (known) return known;
    const executing = this.#executing.getStore();
    const planned = executing && (await this.#plan(key, executing));
    if (planned) return planned.plan;
    if (executing) executing.planningSinceMs = processorMs();
    return undefined;
  }

  /** Keeps a plan that Apollo Gateway made. */
  async set(key: string, plan: QueryPlan): Promise<void> {
    const { planningSinceMs = Infinity } = this.#executing.getStore() ?? {};
    this.#spentMs += Math.max(0, processorMs() - planningSinceMs);
    this.#keep(key, plan, JSON.stringify(plan).length);
    if (this.#spentMs >= this.#options.startAfterMs) void this.#options.planner.start();
  }

  async delete(key: string): Promise<boolean> {
    return this.#plans.delete(key);
  }

  clear(): void {
    this.#plans.clear();
  }

  async #plan(key: string, { text, operationName }: PlanTask): Promise<PlanOfThread | undefined> {
    const pending = this.#pending.get(key);
    if (pending) return pending;
    const planning = this.#options.planner.plan({ text, operationName }).finally(() => this.#pending.delete(key));
    this.#pending.set(key, planning);
    const planned = await planning;
    if (planned) this.#keep(key, planned.plan, planned.length);
    return planned;
  }

  #keep(key: string, plan: QueryPlan, length: number): void {
    this.#plans.set(key, plan, { size: Math.max(1, length) });
  }
}
