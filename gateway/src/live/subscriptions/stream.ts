import { ServiceUnavailable } from "@weft/shared/errors";
import { ANY_SUBJECT, signalEvent } from "@weft/shared/event-catalog";
import type { Viewer } from "@weft/shared/viewer";
import type { ExecutionResult, GraphQLFormattedError } from "graphql";
import { closeCodes } from "../connections/close-codes.js";
import type { Connection } from "../connections/connection.js";
import type { ProtocolOptions } from "../options.js";
import { audienceOf } from "./audience.js";
import type { Live } from "./prepare.js";
import { asExecutionResult } from "./results.js";
import { EventLost, Subscription } from "./subscription.js";
import type { TenantFeed } from "../feeds/tenant-feed.js";
import type { Topics } from "./topic.js";

/** Maximum number of waiting events for one subscription. */
const maxWaiting = 1_000;

export interface StreamOptions extends Pick<
  ProtocolOptions,
  "executor" | "executeMirror" | "consistency" | "logs" | "metrics" | "maxResponseBytes" | "reloads"
> {
  readonly topics: Topics;
  /** The feed of the log that it follows. */
  readonly feed: TenantFeed;
  /** The client's ID of the subscription. */
  readonly id: string;
  readonly release: () => void;
  readonly mask: (error: unknown) => GraphQLFormattedError;
}

/**
 * Starts a prepared subscription. Its payloads go to the socket directly, because most sockets get the same ones. The generator for graphql-ws yields
 * only the error that ends this subscription, if there is one.
 */
export function openStream(
  { text, mirror, field, after, viewer, sharing, consistent, returnsToken, checkedAt }: Live,
  connection: Connection,
  { topics, feed, id, executor, executeMirror, consistency, logs, metrics, maxResponseBytes, reloads, release, mask }: StreamOptions,
): AsyncGenerator<ExecutionResult, void, void> {
  const { tenantId } = viewer;
  const { log = "events" } = field;
  const { feeds, cursors } = logs[log];
  const signals = field.signals ?? [];
  const types = new Set([...field.eventTypes, ...signals]);
  const audience = audienceOf(viewer, sharing);
  const ended = Promise.withResolvers<unknown>();
  const topic = topics.topic({
    feed,
    key: JSON.stringify([audience, mirror.query, mirror.variables, ...(returnsToken ? ["token"] : [])]),
    matches: (event) =>
      (log !== "events" || types.has(event.type)) && (field.isFor?.(event, viewer.userId) ?? true) && field.matches(event, mirror.args),
    mirror,
    execute: returnsToken ? async (...call) => consistency.withToken(await executeMirror(...call), tenantId) : executeMirror,
    isOfAudience: (other: Viewer) => audienceOf(other, sharing) === audience,
    cursorOf: (event) => cursors.encode(tenantId, event.position),
    maxBytes: maxResponseBytes,
    everyMs: field.everyMs,
  });
  // The client subscribes again, and learns what has changed.
  const relied = { tenantId, text, api: executor, query: mirror.query, sharing };
  const watch = reloads.watch(relied, checkedAt, () => connection.socket.closeFor(closeCodes.restart));
  const subscription = new Subscription({
    connection,
    id,
    topic,
    readLog: (position, limit) => feeds.read(tenantId, position, limit),
    after,
    passed: consistent?.passed,
    notBefore: consistent?.since,
    first: signals.map((type) => signalEvent({ tenantId, type, subjectId: ANY_SUBJECT }, feed.position))[0],
    maxWaiting,
    untilChecked: () => watch.untilChecked(),
    onTooSlow: () => connection.socket.closeFor(closeCodes.tooSlow),
    onSent: (lagMs) => metrics.eventLag(lagMs / 1_000),
    onLive: (position) => {
      if (connection.wantsLivePings) connection.socket.sendLive(id, position === null ? null : cursors.encode(tenantId, position));
    },
    onEnd: (error) => {
      watch.end();
      release();
      ended.resolve(error);
    },
  });
  connection.socket.followed?.(id, cursors.encode(tenantId, after), () => {
    const { position } = subscription;
    return position === null ? null : cursors.encode(tenantId, position);
  });

  async function* errors(): AsyncGenerator<ExecutionResult, void, void> {
    const error = await ended.promise;
    if (error === undefined) return;
    if (error instanceof EventLost || error instanceof ServiceUnavailable) connection.socket.closeFor(closeCodes.tryAgain);
    else yield asExecutionResult({ errors: [mask(error)] });
  }
  const generator = errors();
  // `return()` of a generator that waits would wait too, and `return()` of one that never started would not end the subscription.
  const end = generator.return.bind(generator);
  const endNow = (value: void | PromiseLike<void>): ReturnType<typeof end> => {
    subscription.end();
    return end(value);
  };
  generator.return = endNow;
  return generator;
}
