/**
 * Consistency: operations that must not show an older state than their client has seen at another gateway. This folder never reads data: it waits, and
 * says from when on caches count.
 *
 * All reads go to the server that commits, so a read that begins after a commit shows it, at any gateway. What can be older are caches: viewers,
 * configurations, calendars, stored documents, keys of persons, answers to events. They are refreshed by messages, and by age. A token refuses what was
 * cached before it became known here (`requireReads`). Subscriptions also wait for their feed, in which events arrive later than their changes.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Keys } from "@weft/platform/config";
import { type DatabasePosition, DatabasePositions, includes, requireReads, textOfPosition } from "@weft/platform/consistency";
import type { Database } from "@weft/platform/db";
import type { Logger } from "@weft/platform/logging";
import { ConsistencyTimeout, Unauthenticated } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { type OperationContext, remainingMsOf } from "../context.js";
import type { OperationResult } from "../executor.js";
import type { AskedConsistency } from "./asked.js";
import { type ConsistencyTokens, consistencyTokens } from "./tokens.js";

export interface ConsistencyOptions {
  readonly keys: Pick<Keys, "cursor">;
  readonly database: Database;
  readonly log: Logger;
  /** Maximum wait for the state of a token. */
  readonly waitMs: number;
}

/** The state of a token, which the database has reached. */
export interface ReachedState {
  /** For the context of the operation: what the processes of subgraphs have cached must not be older. */
  readonly minPosition: string;
  /** Time by `performance.now()`: what this process was asked to read since then is not older. */
  readonly since: number;
}

/** Maximum wait for the token of an answer that is ready. */
const tokenWaitMs = 2_000;

/** How an operation with a token is executed. */
export interface ConsistentExecution {
  readonly context: OperationContext;
  /** Returns the caller as loaded at or after a time, by `performance.now()`. */
  readonly viewerSince: (since: number) => Promise<Viewer | null>;
  readonly execute: (context: OperationContext) => Promise<OperationResult>;
}

export class Consistency {
  readonly #positions: DatabasePositions;
  readonly #tokens: ConsistencyTokens;
  readonly #log: Logger;
  readonly #waitMs: number;

  constructor({ keys, database, log, waitMs }: ConsistencyOptions) {
    this.#positions = new DatabasePositions(database);
    this.#tokens = consistencyTokens(keys);
    this.#log = log;
    this.#waitMs = waitMs;
  }

  /**
   * Executes an operation over HTTP. Costs nothing if the client asks for nothing.
   * @throws BadUserInput if a token is not valid, Unauthenticated if one is sent without a login, ConsistencyTimeout, what `viewerSince` and `execute` throw
   */
  async execute(asked: AskedConsistency | undefined, { context, viewerSince, execute }: ConsistentExecution): Promise<OperationResult> {
    if (asked === undefined) return execute(context);
    // Without a login, there is no tenant whose state could be meant.
    if (context.viewer === null) {
      if (asked.after.length > 0) throw new Unauthenticated("A consistency token needs a login. Log in, or send none.");
      return execute(context);
    }
    const { tenantId } = context.viewer;
    const reached = await this.reach(asked, tenantId, context);
    const result = await execute(
      reached ? { ...context, viewer: await viewerSince(reached.since), minPosition: reached.minPosition } : context,
    );
    return asked.returnsToken ? this.withToken(result, tenantId, context) : result;
  }

  /**
   * Waits until the database has reached the states of all tokens. Undefined if there are none. Call it before anything else is decided about an operation:
   * rights and stored documents must not be older.
   * @throws BadUserInput if a token is not valid, ConsistencyTimeout, ServiceUnavailable
   */
  async reach(
    { after }: AskedConsistency,
    tenantId: string,
    ending: Pick<OperationContext, "signal" | "deadline">,
  ): Promise<ReachedState | undefined> {
    const positions = after.map((sent) => this.#tokens.decode(tenantId, sent));
    const begun = performance.now();
    const deadline = begun + Math.min(this.#waitMs, remainingMsOf(ending));
    let newest: DatabasePosition | undefined;
    let since = -Infinity;
    for (const position of positions) {
      if (!(await this.#positions.reached(position, { deadline, signal: ending.signal })))
        throw new ConsistencyTimeout(performance.now() - begun);
      since = Math.max(since, requireReads(tenantId, position));
      if (!newest || !includes(newest, position)) newest = position;
    }
    return newest && { minPosition: textOfPosition(newest), since };
  }

  /**
   * Returns the result of an operation with a token in its extensions. The position is read now, after everything that the operation has read and
   * committed, in whatever process. An answer whose token cannot be read in time is returned without one: what the operation has done, it has done.
   */
  async withToken(result: OperationResult, tenantId: string, ending: Pick<OperationContext, "deadline"> = {}): Promise<OperationResult> {
    if (result.data === undefined) return result;
    try {
      const position = await within(Math.min(tokenWaitMs, remainingMsOf(ending)), this.#positions.current());
      const token = this.#tokens.encode(tenantId, position);
      return { ...result, extensions: { ...result.extensions, consistency: { token } } };
    } catch (error) {
      this.#log.warn(
        { err: error, tenantId },
        "an answer has no consistency token, because the position of the database could not be read",
      );
      return result;
    }
  }
}

/** @throws Error if the promise is not settled in time, what it rejects with */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const ending = new AbortController();
  const late = delay(ms, undefined, { signal: ending.signal }).then(() => {
    throw new Error(`No answer within ${Math.round(ms)} ms.`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    ending.abort();
    late.catch(() => undefined);
  }
}

/** Returns the token in the extensions of a result. */
export function tokenOf({ extensions }: Pick<OperationResult, "extensions">): string | undefined {
  const given = extensions?.["consistency"] as { readonly token?: string } | undefined;
  return given?.token;
}
