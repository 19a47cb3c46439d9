import type { JsonObject } from "../document.js";
import type { ErrorAnswer, Problem } from "../errors.js";

interface Known {
  readonly token: string;
  readonly receivedAt: number;
}

/**
 * The consistency tokens of a session's own writes. Sent with its later requests, they make every server show these writes, or wait. A token stands for all
 * those that had been received before its mutation was sent; only those of mutations that ran at the same time are kept side by side.
 */
export class OwnWrites {
  #sessionKey: string | null = null;
  #known: readonly Known[] = [];

  /** Returns the extensions of a request. Undefined if there is nothing to say. */
  extensions(sessionKey: string | null, isMutation: boolean): JsonObject | undefined {
    const after = this.#of(sessionKey).map(({ token }) => token);
    if (after.length === 0 && !isMutation) return undefined;
    return { consistency: { ...(after.length > 0 && { after }), ...(isMutation && { returnToken: true }) } };
  }

  /**
   * Keeps the token of an answer.
   * @param sentAt when its request was sent, by `performance.now()`
   */
  received(sessionKey: string | null, extensions: JsonObject | undefined, sentAt: number): void {
    const token = (extensions?.["consistency"] as { token?: unknown } | undefined)?.token;
    // An answer to what the user before has sent can be late.
    if (typeof token !== "string" || (this.#sessionKey !== null && sessionKey !== this.#sessionKey)) return;
    this.#known = [...this.#of(sessionKey).filter(({ receivedAt }) => receivedAt > sentAt), { token, receivedAt: performance.now() }].slice(
      -20,
    );
  }

  /**
   * Whether a request was refused because of its tokens, which are then forgotten, so that it can be sent again without. The keys of the server may have
   * changed.
   * @param sent the extensions of the request
   */
  areRefused(errors: readonly Pick<ErrorAnswer, "extensions">[], sent: JsonObject | undefined): boolean {
    const { after = [] } = (sent?.["consistency"] ?? {}) as { after?: readonly string[] };
    const problems = errors.flatMap(({ extensions }) => (extensions?.["problems"] ?? []) as readonly Problem[]);
    if (after.length === 0 || !problems.some(({ path }) => path === "extensions.consistency.after")) return false;
    this.#known = this.#known.filter(({ token }) => !after.includes(token));
    return true;
  }

  /** What one user has written says nothing about the next one. */
  #of(sessionKey: string | null): readonly Known[] {
    if (sessionKey !== this.#sessionKey) this.#known = [];
    this.#sessionKey = sessionKey;
    return this.#known;
  }
}
