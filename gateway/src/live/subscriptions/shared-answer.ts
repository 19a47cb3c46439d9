import { setTimeout as delay } from "node:timers/promises";
import { RateLimited, ServiceUnavailable } from "@weft/shared/errors";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { Viewer } from "@weft/shared/viewer";
import { contained } from "@weft/platform/logging";
import { tokenOf } from "../../consistency/consistency.js";
import type { OperationResult } from "../../executor.js";
import { ConnectionEnded } from "../connections/connection.js";
import type { Connection } from "../connections/connection.js";
import type { SharedText } from "../connections/shared-text.js";
import { isPassing } from "./event-execution.js";
import type { ExecuteMirror } from "./event-execution.js";
import type { Mirror } from "./mirror.js";
import { nextMessageTail } from "./results.js";

/** The answer of an operation to an event, for everyone in its audience. */
export type Answer =
  /**
   * `text`: the message `next` of the protocol after the ID of the subscription. `occurredAt`: time of the event, by `performance.now()`. `content`: the
   * message without its cursor, if it shows the present: equal contents are not sent again.
   */
  | { readonly kind: "payload"; readonly text: SharedText; readonly occurredAt: number; readonly content?: string }
  /** Nobody in the audience can see the event. */
  | { readonly kind: "hidden" }
  /** Something was unavailable for longer than the retries. */
  | { readonly kind: "unavailable" }
  | { readonly kind: "failed"; readonly error: unknown };

/** The connection of a subscription: its current rights, and where to send the answers. */
export interface Subscriber extends Pick<Connection, "viewer" | "standing" | "stand" | "recheck" | "address" | "userAgent"> {
  readonly socket: Pick<Connection["socket"], "isClosing" | "headOf" | "sendShared">;
}

/** A subscription that waits for an answer. */
export interface Waiting {
  readonly connection: Subscriber;
  /**
   * @param askedAt time by `performance.now()` since which `recheck` was called, if it was
   * @returns false if it is not known whether the connection still has its rights; then call `recheck`, and this again
   */
  answered(answer: Answer, askedAt?: number): boolean;
}

export interface AnswerOptions {
  readonly mirror: Mirror;
  readonly execute: ExecuteMirror;
  /** Whether the viewer's current rights are those of the audience. */
  readonly isOfAudience: (viewer: Viewer) => boolean;
  readonly cursorOf: (event: EventEnvelope) => string;
  readonly maxBytes: number;
  /** Minimum time between answers, if they show the present. Undefined if each event has its own answer. */
  readonly everyMs?: number | undefined;
  /** Waits between retries if a part of Weft was unavailable. */
  readonly pausesMs?: readonly number[];
}

/** After this time, an answer is executed again: a subscriber that is behind gets the current state. */
export const answerTtlMs = 5_000;
const hidden = new Set(["NOT_FOUND", "FORBIDDEN"]);
/** Waits between retries if a part of Weft was unavailable. */
export const retryPausesMs: readonly number[] = [50, 250, 1_000];

/**
 * One execution for all subscriptions of an audience. It runs under the rights of one of them, whose connection is checked before. All others have
 * the same rights, or else their connections have ended. Each subscription checks its own connection again before it sends the answer.
 */
export class SharedAnswer {
  readonly event: EventEnvelope;
  /** By `performance.now()`. Everything in it was read later. */
  readonly askedAt = performance.now();
  readonly #options: AnswerOptions;
  #answer: Answer | undefined;
  #waiting: Waiting[] = [];

  /** Calls `onAnswer` when the answer exists, before the subscriptions get it. */
  constructor(event: EventEnvelope, options: AnswerOptions, onAnswer: (answer: Answer) => void) {
    this.event = event;
    this.#options = options;
    // Later, so that every subscription of the same event waits before the first connection is checked.
    queueMicrotask(contained("answering an event", () => this.#run(onAnswer)));
  }

  /** Calls `answered` of the subscription: at once if the answer exists. */
  give(waiting: Waiting): void {
    if (this.#answer) deliver(this.#answer, [waiting]);
    else this.#waiting.push(waiting);
  }

  async #run(onAnswer: (answer: Answer) => void): Promise<void> {
    let answer = await this.#execute();
    // A subscription can have come while all others were found to have ended.
    while (!answer && this.#waiting.some(({ connection }) => !connection.socket.isClosing)) answer = await this.#execute();
    this.#answer = answer ?? { kind: "hidden" };
    onAnswer(this.#answer);
    deliver(this.#answer, this.#waiting.splice(0));
  }

  /** Returns undefined if the connections of all waiting subscriptions have ended. */
  async #execute(): Promise<Answer | undefined> {
    for (const pauseMs of [...(this.#options.pausesMs ?? retryPausesMs), undefined]) {
      const answer = await this.#attempt();
      if (answer?.kind !== "unavailable") return answer;
      if (pauseMs !== undefined) await delay(pauseMs);
    }
    return { kind: "unavailable" };
  }

  async #attempt(): Promise<Answer | undefined> {
    const { mirror, isOfAudience, execute, cursorOf, maxBytes, everyMs } = this.#options;
    for (const { connection } of this.#waiting) {
      try {
        const { address, userAgent } = connection;
        const viewer = await connection.viewer();
        if (!isOfAudience(viewer)) continue;
        const cursor = cursorOf(this.event);
        const result = await execute(mirror, { viewer, address, userAgent }, { event: this.event, cursor });
        const answer = answerFrom(result, this.event, mirror, { maxBytes, cursor });
        if (answer.kind !== "payload" || everyMs === undefined) return answer;
        const content = answer.text.tail.toString();
        // Each payload has another cursor and another token.
        const varying = [cursor, tokenOf(result) ?? ""].filter((text) => text !== "");
        return { ...answer, content: varying.reduce((text, part) => text.replaceAll(part, ""), content) };
      } catch (error) {
        if (error instanceof ConnectionEnded) continue;
        if (error instanceof ServiceUnavailable || error instanceof RateLimited) return { kind: "unavailable" };
        return { kind: "failed", error };
      }
    }
    return undefined;
  }
}

/** Gives an answer to subscriptions. Connections whose last check is too old share the next one. A promise for each of thousands would cost more than their messages. */
export function deliver(answer: Answer, all: readonly Waiting[]): void {
  const unknown = all.filter((waiting) => !waiting.answered(answer));
  const [first] = unknown;
  if (!first) return;
  const askedAt = performance.now();
  const recheck = contained("delivering an answer", async () => {
    await first.connection.recheck();
    for (const waiting of unknown) waiting.answered(answer, askedAt);
  });
  recheck();
}

function answerFrom(
  result: OperationResult,
  event: EventEnvelope,
  { responseKey }: Mirror,
  sending: { readonly maxBytes: number; readonly cursor: string },
): Answer {
  if ((result.data?.[responseKey] ?? null) === null) {
    const codes = (result.errors ?? []).map(({ extensions }) => extensions?.["code"]);
    if (codes.every((code) => typeof code === "string" && hidden.has(code))) return { kind: "hidden" };
    if (codes.some((code) => isPassing(code))) return { kind: "unavailable" };
  }
  const ageMs = Date.now() - Date.parse(event.occurredAt);
  return { kind: "payload", text: nextMessageTail(result, sending), occurredAt: performance.now() - ageMs };
}
