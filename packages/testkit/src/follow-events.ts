import { channels, type EventEnvelope, parseEnvelope, parseHeads, type PubSub } from "@weft/shared";

const PAGE = 500;

/** Delivers the events of the tenants that it follows: in order of position, each once, without a gap. */
export interface EventFeed {
  /** Delivers from now on what comes behind the position. Following again moves nothing. */
  follow(tenantId: string, afterPosition: number): void;
  unfollow(tenantId: string): void;
  /** The position delivered last; null for a tenant that is not followed. */
  positionOf(tenantId: string): number | null;
  close(): Promise<void>;
}

interface Followed {
  position: number;
  /** The highest position known to exist. */
  target: number;
  isCatchingUp: boolean;
}

/**
 * Subscribes to events. What pub/sub loses (it promises at most once) is noticed by the gap, by the announced heads or by the reconnect, and
 * read from the log with `read`; what comes twice is dropped.
 */
export async function followEvents({
  pubsub,
  read,
  onEvent,
  log,
}: {
  pubsub: PubSub;
  /** Events of the tenant behind a position, in order. */
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
    // Nobody says how much was missed: look whether anything comes behind what we have.
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
        // Fewer than hoped (the guess after a reconnect was too high, or a reader is behind): the next message or head asks again.
        if (events.length === 0) state.target = state.position;
      }
    } catch (error) {
      // The target is forgotten, so the next announced head tries again, within a second or so while the tenant is busy.
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
