import type { WeftClient } from "@weft/client";

/**
 * The server's time, as far as the client can know it. The API does not send it, but what it sends says when it cannot be: an event has happened
 * before it arrives, and a clock that runs cannot have more working time left than there is time until it is due.
 *
 * The clock of the device is trusted until one of these contradicts it. Then it is corrected as little as possible.
 */
export interface ServerTime {
  /** In ms. */
  now(): number;
  /** Something that the server sent has happened at this time. */
  sawEvent(at: string): void;
  /** The server sent a running clock. */
  sawClock(dueAt: string, remainingSeconds: number): void;
}

/** Seconds are whole, and an answer takes its time. Less than that is not worth a correction. */
const toleranceMs = 2_000;

/** @param deviceNow time of the device, in ms */
export function createServerTime(deviceNow: () => number = Date.now): ServerTime {
  let atLeast = Number.NEGATIVE_INFINITY;
  let atMost = Number.POSITIVE_INFINITY;
  const offset = (): number => {
    if (atLeast > toleranceMs) return atLeast;
    return atMost < -toleranceMs ? atMost : 0;
  };
  return {
    now: () => deviceNow() + offset(),
    sawEvent: (at) => {
      const seen = Date.parse(at) - deviceNow();
      if (Number.isNaN(seen)) return;
      atLeast = Math.max(atLeast, seen);
      // The device's clock was changed meanwhile: only the newest is true.
      if (atLeast > atMost) atMost = Number.POSITIVE_INFINITY;
    },
    sawClock: (dueAt, remainingSeconds) => {
      const seen = Date.parse(dueAt) - remainingSeconds * 1000 - deviceNow();
      if (Number.isNaN(seen) || remainingSeconds <= 0) return;
      atMost = Math.min(atMost, seen);
      if (atLeast > atMost) atLeast = Number.NEGATIVE_INFINITY;
    },
  };
}

const ofClients = new WeakMap<WeftClient, ServerTime>();

/** Returns the time of the server that a client talks to. */
export function serverTimeOf(client: WeftClient): ServerTime {
  const time = ofClients.get(client) ?? createServerTime();
  ofClients.set(client, time);
  return time;
}

/** Learns from the payload of a subscription, if it selects `occurredAt`. */
export function sawEvent(client: WeftClient, event: unknown): void {
  const [payload] = Object.values((event ?? {}) as Readonly<Record<string, { readonly occurredAt?: unknown } | null>>);
  if (typeof payload?.occurredAt === "string") serverTimeOf(client).sawEvent(payload.occurredAt);
}
