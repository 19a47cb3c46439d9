import { setTimeout as delay } from "node:timers/promises";
import { FairSemaphore } from "@weft/platform/fairness";
import { contained, type Logger } from "@weft/platform/logging";
import { type FindingsOptions, type Relied, ReloadFindings } from "./reload-findings.js";

/** A running subscription that is checked after each reload. */
export interface Watch {
  /** Resolves when the subscription was checked after the last reload. Undefined: it has been. */
  untilChecked(): Promise<void> | undefined;
  end(): void;
}

interface Watched {
  readonly relied: Relied;
  readonly onOutdated: () => void;
  /** Number of the reload after which it was last checked. */
  checkedAt: number;
  checking?: Promise<void> | undefined;
}

export interface ReloadsOptions extends Omit<FindingsOptions, "onError"> {
  readonly log: Pick<Logger, "error">;
  /** Waits after a step, while the event loop serves other work. */
  readonly pause?: (ms: number) => Promise<unknown>;
  /** Time in ms. */
  readonly now?: () => number;
}

/** Checks run for this long, and then pause for as long as they took. A single check can take longer: it cannot be divided. */
const stepMs = 5;

/**
 * The running subscriptions, which are checked when the supergraph has been replaced. Nearly all of them go on. The subscriptions of all tenants are checked in
 * turn, in short steps: ten thousand different ones take several seconds. Until a subscription was checked, it sends nothing.
 */
export class Reloads {
  readonly #options: ReloadsOptions;
  readonly #watched = new Set<Watched>();
  /** Nobody is refused: a subscription waits once. */
  readonly #turns = new FairSemaphore({ size: 1, refusal: ({ reason }) => new Error(reason) });
  #findings: ReloadFindings;
  #count = 0;
  /** Time that checks took since the last pause. */
  #workedMs = 0;

  constructor(options: ReloadsOptions) {
    this.#options = options;
    this.#findings = this.#noFindings();
  }

  /** Number of reloads so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Calls a function if the supergraph is replaced by one in which the subscription cannot go on: it is no longer valid at its path, or other permissions
   * decide who shares its answers.
   * @param checkedAt `count` before the subscription was validated. If the supergraph has been replaced since then, it is checked now.
   */
  watch(relied: Relied, checkedAt: number, onOutdated: () => void): Watch {
    const watched: Watched = { relied, onOutdated: contained("ending a subscription after a reload", onOutdated), checkedAt };
    this.#watched.add(watched);
    // Later, when the subscription has begun: its connection can be closed.
    const check = contained("checking a subscription after a reload", () => this.#untilChecked(watched));
    if (!this.#isDone(watched)) setImmediate(check);
    return { untilChecked: () => this.#untilChecked(watched), end: () => void this.#watched.delete(watched) };
  }

  /** Call when the supergraph has been replaced. Resolves when all subscriptions were checked, or when it has been replaced again. */
  async reloaded(): Promise<void> {
    const count = ++this.#count;
    this.#findings = this.#noFindings();
    const byTenant = Map.groupBy(this.#watched, ({ relied }) => relied.tenantId);
    await Promise.all(
      [...byTenant.values()].map(async (ofTenant) => {
        for (const watched of ofTenant) if (count === this.#count) await this.#untilChecked(watched);
      }),
    );
    // They contain the texts of all subscriptions.
    if (count === this.#count) this.#findings = this.#noFindings();
  }

  #untilChecked(watched: Watched): Promise<void> | undefined {
    if (this.#isDone(watched)) return undefined;
    return (watched.checking ??= this.#check(watched));
  }

  async #check(watched: Watched): Promise<void> {
    // The supergraph can be replaced again while a subscription waits for its turn.
    while (!this.#isDone(watched)) await this.#turns.run(watched.relied.tenantId, () => this.#step(watched));
    watched.checking = undefined;
  }

  async #step(watched: Watched): Promise<void> {
    if (this.#isDone(watched)) return;
    const { now = () => performance.now() } = this.#options;
    const began = now();
    watched.checkedAt = this.#count;
    if (!this.#findings.goesOn(watched.relied)) watched.onOutdated();
    this.#workedMs += now() - began;
    if (this.#workedMs < stepMs) return;
    const pauseMs = this.#workedMs;
    this.#workedMs = 0;
    await (this.#options.pause ?? delay)(pauseMs);
  }

  #isDone(watched: Watched): boolean {
    return watched.checkedAt === this.#count || !this.#watched.has(watched);
  }

  #noFindings(): ReloadFindings {
    const { executor, sharingOf, log } = this.#options;
    const onError = (error: unknown): void =>
      log.error({ err: error }, "subscriptions could not be checked after a reload of the supergraph, and are told to reconnect");
    return new ReloadFindings({ executor, sharingOf, onError });
  }
}
