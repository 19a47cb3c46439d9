import { closedLoop, type LoopResult } from "./closed-loop.js";
import { sameOrRefused } from "./same-answer.js";

/** An answer to a request over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** A server that is asked the same question again and again. */
export interface AskingAgain {
  /** Its first answer. */
  readonly first: string;
  /** Runs a closed loop. Its figures contain the given answers, and `refused` the number of the refused ones. */
  loop(workers: number, forMs: number): Promise<LoopResult & { readonly refused: number }>;
}

/** HTTP statuses of an answer. The last two refuse it: RATE_LIMITED, SERVICE_UNAVAILABLE. */
const statuses: ReadonlySet<number> = new Set([200, 429, 503]);

/**
 * Asks once, and returns a loop that compares every further answer with the first one.
 * @throws Error if the first answer is refused; the loop throws if an answer is neither the first one nor refused
 */
export async function askingAgain(name: string, ask: (worker: number) => Promise<HttpAnswer>): Promise<AskingAgain> {
  const unexpected = ({ status, text }: HttpAnswer): Error => new Error(`${name} answered with ${status}: ${text.slice(0, 1_000)}`);
  const first = await ask(0);
  if (first.status !== 200) throw unexpected(first);
  return {
    first: first.text,
    loop: async (workers, forMs) => {
      let refused = 0;
      const result = await closedLoop(workers, forMs, async (worker) => {
        const answer = await ask(worker);
        if (!statuses.has(answer.status)) throw unexpected(answer);
        if (sameOrRefused(name, first.text, answer.text) === "refused") refused++;
      });
      const share = 1 - refused / result.done;
      return { ...result, done: result.done - refused, perSecond: result.perSecond * share, refused };
    },
  };
}
