import { RateLimited, ServiceUnavailable } from "@weft/shared";
import type { EventEnvelope, Viewer } from "@weft/shared";
import type { OperationResult } from "../executor.js";
import { EventQueue } from "./event-queue.js";
import { isPassing } from "./event-execution.js";
import type { ExecuteMirror } from "./event-execution.js";
import type { Mirror } from "./mirror.js";
import type { TenantFeed } from "./tenant-feed.js";

/** The event could not be answered although it was tried again: the client should come back with its cursor rather than miss it. */
export class EventLost extends Error {}

export interface SubscriptionOptions {
  readonly mirror: Mirror;
  /** Whether an event can concern the subscription, by its type and arguments alone. */
  readonly matches: (event: EventEnvelope) => boolean;
  readonly cursorOf: (event: EventEnvelope) => string;
  readonly feed: TenantFeed;
  readonly readLog: (afterPosition: number, limit: number) => Promise<readonly EventEnvelope[]>;
  /** Position behind which to start; may be behind the feed, then the log is read first, or before it. */
  readonly after: number;
  readonly execute: ExecuteMirror;
  readonly address: string | null;
  readonly userAgent: string | null;
  /** The viewer at this moment; throws when there is none any more. */
  readonly viewer: () => Promise<Viewer>;
  /** Matching events that may wait for the subscriber. */
  readonly maxWaiting: number;
  readonly onTooSlow: () => void;
  readonly onSent: (event: EventEnvelope) => void;
  /** Waits between tries of an event that a part of Weft could not answer. */
  readonly pausesMs?: readonly number[];
}

const page = 100;
const hidden = new Set(["NOT_FOUND", "FORBIDDEN"]);

/**
 * The payloads of a subscription: what was missed since `after`, from the log, then each event as it comes, in the order of positions and
 * each once. Listens from the moment of the call, so that nothing falls between the two.
 * The generator throws EventLost, or what `viewer` throws; whoever runs it closes the socket accordingly.
 */
export function openSubscription(options: SubscriptionOptions): AsyncGenerator<OperationResult, void, void> {
  const { matches, feed, readLog, after, maxWaiting } = options;
  const queue = new EventQueue<EventEnvelope>(maxWaiting, options.onTooSlow);
  const start = feed.position;
  const unlisten = feed.listen((event) => {
    if (event.position > after && matches(event)) queue.push(event);
  });
  const leave = (): void => {
    unlisten();
    queue.end();
  };

  async function* events(): AsyncGenerator<EventEnvelope, void, void> {
    for (let position = after; position < start;) {
      const missed = await readLog(position, page);
      for (const event of missed) {
        if (event.position > start) break;
        if (matches(event)) yield event;
      }
      position = missed.at(-1)?.position ?? start;
    }
    for (let event = await queue.next(); event !== undefined; event = await queue.next()) yield event;
  }

  async function* payloads(): AsyncGenerator<OperationResult, void, void> {
    try {
      for await (const event of events()) {
        const payload = await answer(options, event);
        if (!payload) continue;
        yield payload;
        options.onSent(event);
      }
    } finally {
      leave();
    }
  }

  const generator = payloads();
  // `return()` of a generator that waits for the queue would wait with it, and of one that never began would not reach its `finally`.
  const end = generator.return.bind(generator);
  generator.return = (value) => {
    leave();
    return end(value);
  };
  return generator;
}

/**
 * The payload of one event, under the rights of this moment; undefined when it is not for this viewer. The rights are looked at before the
 * query and again after it: it may have waited for its turn while they ended, and what they opened is not sent then.
 */
async function answer(
  { mirror, execute, cursorOf, viewer, address, userAgent, pausesMs = [50, 250, 1_000] }: SubscriptionOptions,
  event: EventEnvelope,
): Promise<OperationResult | undefined> {
  for (const pause of [...pausesMs, undefined]) {
    const result = await attempt();
    if (result !== "unavailable") return result;
    if (pause !== undefined) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new EventLost("An event could not be answered: come back with the last cursor.");

  async function attempt(): Promise<OperationResult | undefined | "unavailable"> {
    try {
      const result = await execute(mirror, { viewer: await viewer(), address, userAgent }, { event, cursor: cursorOf(event) });
      await viewer();
      if ((result.data?.[mirror.responseKey] ?? null) !== null) return result;
      const codes = (result.errors ?? []).map(({ extensions }) => extensions?.["code"]);
      if (codes.every((code) => typeof code === "string" && hidden.has(code))) return undefined;
      return codes.some((code) => isPassing(code)) ? "unavailable" : result;
    } catch (error) {
      if (error instanceof ServiceUnavailable || error instanceof RateLimited) return "unavailable";
      throw error;
    }
  }
}
