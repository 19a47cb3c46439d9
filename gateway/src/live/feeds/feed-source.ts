import type { LiveLog } from "@weft/api/live";
import { readSealedEntries, sealedHead } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { deletedEvents, headPosition, readEvents } from "@weft/platform/events";
import { channels, type EventEnvelope } from "@weft/shared/event-catalog";

/** Where feeds read a log of a tenant, and which messages tell of new items. */
export interface FeedSource {
  /** Channel that announces the last positions. */
  readonly heads: string;
  /** Whether items and signals also arrive as messages. */
  readonly hasMessages: boolean;
  /** Returns the position of the last item. */
  readonly head: (tx: Tx) => Promise<number>;
  /** Reads items after a position, in order. */
  readonly read: (tx: Tx, afterPosition: number, limit: number) => Promise<readonly EventEnvelope[]>;
  /** Returns the position up to which items have been deleted because of their age. */
  readonly deletedUpTo: (tx: Tx) => Promise<number>;
}

export const feedSources: Readonly<Record<LiveLog, FeedSource>> = {
  events: {
    heads: channels.heads,
    hasMessages: true,
    head: (tx) => headPosition(tx),
    read: (tx, afterPosition, limit) => readEvents(tx, { afterPosition, limit }),
    deletedUpTo: async (tx) => (await deletedEvents(tx)).position,
  },
  // Entries are never deleted. Messages have no entries, because the rights of their readers decide what is read of them.
  auditTrail: {
    heads: channels.auditHeads,
    hasMessages: false,
    head: (tx) => sealedHead(tx),
    read: (tx, afterSequence, limit) => readSealedEntries(tx, { afterSequence, limit }),
    deletedUpTo: () => Promise.resolve(0),
  },
};
