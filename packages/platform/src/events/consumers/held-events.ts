import { isArmable } from "../../chaos/chaos.js";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { maxLookedUp } from "../read.js";

/** Maximum size of all held events, in characters of their messages. */
const MAX_HELD = 16_000_000;

interface HeldBatch {
  /** In order, without gaps. */
  readonly envelopes: readonly EventEnvelope[];
  readonly first: number;
  readonly last: number;
  /** Length of their messages. */
  readonly size: number;
  /** Consumers that have not yet handled all of them. */
  readonly waiting: Set<string>;
}

/**
 * Events that the relay has just numbered, for the consumers that it wakes, which would otherwise read them again. Each batch is held until its consumers
 * have passed it. The events were committed before, and are never changed. What is not here is in the log.
 */
export class HeldEvents {
  readonly #maxSize: number;
  readonly #batches = new Map<string, HeldBatch[]>();
  #size = 0;

  constructor({ maxSize = MAX_HELD }: { readonly maxSize?: number } = {}) {
    this.#maxSize = maxSize;
  }

  /** Length of the messages of all held events. */
  get size(): number {
    return this.#size;
  }

  /** Holds a batch of the tenant for these consumers. Without room for it, they read it from the log. */
  hold(tenantId: string, consumers: readonly string[], { envelopes, size }: { envelopes: readonly EventEnvelope[]; size: number }): void {
    const [first, last] = [envelopes[0], envelopes.at(-1)];
    if (!first || !last || consumers.length === 0 || this.#size + size > this.#maxSize) return;
    // In tests, a handler that changes an event fails: other consumers are given the same one.
    if (isArmable) freeze(envelopes);
    const batch = { envelopes, first: first.position, last: last.position, size, waiting: new Set(consumers) };
    const held = this.#batches.get(tenantId);
    if (held) held.push(batch);
    else this.#batches.set(tenantId, [batch]);
    this.#size += size;
  }

  /** Returns the events that follow the position, in order and without gaps. Empty if the first of them is not held. */
  after(tenantId: string, position: number): readonly EventEnvelope[] {
    const found: EventEnvelope[] = [];
    for (const { envelopes, first, last } of this.#batches.get(tenantId) ?? []) {
      const next = position + found.length + 1;
      if (next < first || next > last) continue;
      found.push(...envelopes.slice(next - first, next - first + maxLookedUp - found.length));
      if (found.length === maxLookedUp) break;
    }
    return found;
  }

  /** Releases what only this consumer was waiting for, up to the position. Without a position, everything. */
  release(tenantId: string, consumer: string, upTo = Number.POSITIVE_INFINITY): void {
    const held = this.#batches.get(tenantId);
    if (!held) return;
    for (const { last, waiting } of held) if (last <= upTo) waiting.delete(consumer);
    const left = held.filter(({ waiting }) => waiting.size > 0);
    this.#size -= held.reduce((sum, { size, waiting }) => sum + (waiting.size > 0 ? 0 : size), 0);
    if (left.length > 0) this.#batches.set(tenantId, left);
    else this.#batches.delete(tenantId);
  }
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}
