import { channels, type EventEnvelope, parseEnvelope, parseHeads } from "@weft/shared/event-catalog";
import type { PubSub } from "@weft/platform/pubsub";

const PAGE = 500;

/** Delivers the events of the followed tenants in order of position, each exactly once and without gaps. */
export interface EventFeed {
  /** Starts delivering events after the position. Following a tenant again does not change its position. */
  follow(tenantId: string, afterPosition: number): void;
  unfollow(tenantId: string): void;
  /** Returns the position of the last delivered event. Null for a tenant that is not followed. */
  positionOf(tenantId: string): number | null;
  close(): Promise<void>;
}

interface Followed {
  position: number;
  /** Highest position known to exist. */
  target: number;
  isCatchingUp: boolean;
}

/**
 * Subscribes to events. Pub/sub delivers at most once. Lost events are detected by gaps, by the announced heads or by a reconnect, and are read from
 * the log with `read`. Duplicates are dropped.
 */
export async function followEvents({
  pubsub,
  read,
  onEvent,
  log,
}: {
  pubsub: PubSub;
  /** Returns the events of the tenant after a position, in order. */
  read: (tenantId: string, afterPosition: number, limit: number) => Promise<readonly EventEnvelope[]>;
  /** Must not throw. */
  onEvent: (event: EventEnvelope) => void;
  log: { error(facts: object, message: string): void };
}): Promise<EventFeed> {
  const followed = new Map<string, Followed>();

  const unsubscribers = [
    await pubsub.subscribe(channels.events, (message) => receive(parseEnvelope(message))),
    await pubsub.subscribe(channels.heads, (message) => {
      for (const { tenantId, position } of parseHeads(message)) expect(tenantId, position);
    }),
  ];
  const removeReconnectHandler = pubsub.onReconnect(() => {
    // The number of missed events is unknown, so check whether there are any events after the current position.
    for (const [tenantId, state] of followed) expect(tenantId, state.position + 1);
  });

  function receive(event: EventEnvelope): void {
    const state = followed.get(event.tenantId);
    if (!state) return;
    if (event.position === state.position + 1 && !state.isCatchingUp) deliver(state, event);
    else expect(event.tenantId, event.position);
  }

  function deliver(state: Followed, event: EventEnvelope): void {
    state.position = event.position;
    state.target = Math.max(state.target, event.position);
    onEvent(event);
  }

  function expect(tenantId: string, position: number): void {
    const state = followed.get(tenantId);
    if (!state || position <= state.position) return;
    state.target = Math.max(state.target, position);
    if (!state.isCatchingUp) void catchUp(tenantId, state);
  }

  async function catchUp(tenantId: string, state: Followed): Promise<void> {
    state.isCatchingUp = true;
    try {
      while (state.position < state.target && followed.get(tenantId) === state) {
        const events = await read(tenantId, state.position, PAGE);
        if (followed.get(tenantId) !== state) return;
        for (const event of events) if (event.position === state.position + 1) deliver(state, event);
        // Fewer events than expected (the guess after a reconnect was too high, or a reader lags behind). The next message or head checks again.
        if (events.length === 0) state.target = state.position;
      }
    } catch (error) {
      // The target is reset, so the next announced head retries, within about a second while the tenant is active.
      state.target = state.position;
      log.error({ err: error, tenantId }, "missed events could not be read and will be read again");
    } finally {
      state.isCatchingUp = false;
    }
  }

  return {
    follow: (tenantId, afterPosition) => {
      if (!followed.has(tenantId)) followed.set(tenantId, { position: afterPosition, target: afterPosition, isCatchingUp: false });
    },
    unfollow: (tenantId) => void followed.delete(tenantId),
    positionOf: (tenantId) => followed.get(tenantId)?.position ?? null,
    close: async () => {
      followed.clear();
      removeReconnectHandler();
      for (const unsubscribe of unsubscribers) await unsubscribe();
    },
  };
}
