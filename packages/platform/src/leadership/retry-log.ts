import { isUnavailable } from "../db/errors.js";
import { ServiceUnavailable } from "@weft/shared/errors";

interface Lines {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** After this time without success, the database is not only busy or restarting. */
const LASTING_MS = 30_000;

/**
 * Logs failures of background work that is retried. A database that is busy or restarting is one line without a stack, and an error only when it lasts.
 * Every other failure is an error.
 */
export class RetryLog {
  readonly #log: Lines;
  readonly #now: () => number;
  /** Since when which work, by name, has failed for lack of the database. */
  readonly #since = new Map<string, number>();

  constructor(log: Lines, now = (): number => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /** @param work tells works of the same log apart, such as a tenant's */
  failed(work: string, error: unknown, facts: object, message: string): void {
    if (!isTemporary(error)) return this.#log.error({ ...facts, err: error }, message);
    const now = this.#now();
    const since = this.#since.get(work);
    if (since === undefined) {
      this.#since.set(work, now);
      this.#log.info({ ...facts, reason: reasonOf(error) }, message);
    } else if (now - since >= LASTING_MS) {
      this.#since.set(work, now);
      this.#log.error({ ...facts, err: error }, message);
    }
  }

  worked(work: string): void {
    this.#since.delete(work);
  }
}

export const isTemporary = (error: unknown): boolean => error instanceof ServiceUnavailable || isUnavailable(error);

/** The innermost message, which names what PostgreSQL or the pool refused. */
export function reasonOf(error: unknown): string {
  let inner = error;
  for (let depth = 0; inner instanceof Error && inner.cause instanceof Error && depth < 5; depth++) inner = inner.cause;
  return inner instanceof Error ? inner.message : String(inner);
}
