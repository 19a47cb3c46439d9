/** Rounds over the subjects of ordered webhooks, of which one search looks at a bounded number. */
import type { DueWebhook } from "./claim.store.js";

interface Round {
  /** Subject after which the round began. */
  readonly from: string;
  /** Subject after which the last search began. */
  readonly at: string;
  /** Whether the searches have passed the last subject, and have begun at the first one again. */
  readonly isWrapped: boolean;
  readonly isOver: boolean;
}

export interface Rounds {
  /** Takes what a search has found. Returns whether to search again at once, because webhooks have subjects that were not looked at in their round. */
  advance(due: readonly DueWebhook[]): boolean;
  /** Whether a webhook is known to have nothing due: all of its subjects were looked at. */
  isOver(webhookId: string): boolean;
  /** Begins new rounds, because a delivery can have become due. */
  restart(): void;
}

/**
 * Follows the searches of one sender. Each claim lets the next search go on after the subjects that were looked at. Without rounds, a sender would wait
 * after each search that finds nothing, and a delivery behind thousands of subjects that wait for a retry would be late.
 */
export function startRounds(): Rounds {
  const rounds = new Map<string, Round>();
  return {
    advance: (due) => {
      const searching = due.filter(({ isCertain }) => !isCertain);
      const known = new Set(searching.map(({ webhookId }) => webhookId));
      for (const webhookId of rounds.keys()) if (!known.has(webhookId)) rounds.delete(webhookId);
      let isMoving = false;
      for (const { webhookId, searchedFrom: at } of searching) {
        const round = rounds.get(webhookId);
        const wrapsNow = round !== undefined && at < round.at;
        const isWrapped = wrapsNow || round?.isWrapped === true;
        const isOver = round !== undefined && (round.isOver || (round.isWrapped && wrapsNow) || (isWrapped && at >= round.from));
        // If it does not move, another sender searches, or all slots are taken: then the end of a request rings.
        if (!isOver && round?.at !== at) isMoving = true;
        rounds.set(webhookId, { from: round?.from ?? at, at, isWrapped, isOver });
      }
      return isMoving;
    },
    isOver: (webhookId) => rounds.get(webhookId)?.isOver === true,
    restart: () => rounds.clear(),
  };
}
