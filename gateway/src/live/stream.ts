import { ServiceUnavailable } from "@weft/shared";
import type { EventEnvelope } from "@weft/shared";
import type { ExecutionResult, GraphQLFormattedError } from "graphql";
import type { OperationResult } from "../executor.js";
import { closeCodes } from "./close-codes.js";
import { ConnectionEnded } from "./connection.js";
import type { Connection } from "./connection.js";
import type { ProtocolOptions } from "./options.js";
import type { Live } from "./prepare.js";
import { asExecutionResult, assertSendable } from "./results.js";
import { EventLost, openSubscription } from "./subscription.js";

/** Events that may wait for one subscription. */
const maxWaiting = 1_000;

/** The payloads of a prepared subscription, over the feed of its connection. */
export function openStream(
  { mirror, field, after, tenantId }: Live,
  connection: Connection,
  options: ProtocolOptions,
): AsyncGenerator<OperationResult, void, void> {
  const { executeMirror, feeds, cursors, metrics } = options;
  const types = new Set(field.eventTypes);
  return openSubscription({
    mirror,
    matches: (event) => types.has(event.type) && field.matches(event, mirror.args),
    cursorOf: (event) => cursors.encode(tenantId, event.position),
    feed: connection.feed,
    readLog: (position, limit) => feeds.read(tenantId, position, limit),
    after,
    execute: executeMirror,
    address: connection.address,
    userAgent: connection.userAgent,
    viewer: () => connection.viewer(),
    maxWaiting,
    onTooSlow: () => connection.socket.closeFor(closeCodes.tooSlow),
    onSent: ({ occurredAt }: EventEnvelope) => metrics.eventLag((Date.now() - Date.parse(occurredAt)) / 1_000),
  });
}

/** Turns what a stream throws into the close of its socket, or into a masked error of this subscription alone. */
export function endWith(
  stream: AsyncGenerator<OperationResult, void, void>,
  {
    connection: { socket },
    release,
    mask,
    maxBytes,
  }: { connection: Connection; release: () => void; mask: (error: unknown) => GraphQLFormattedError; maxBytes: number },
): AsyncGenerator<ExecutionResult, void, void> {
  async function* results(): AsyncGenerator<ExecutionResult, void, void> {
    try {
      for await (const result of stream) {
        assertSendable(result, maxBytes);
        yield asExecutionResult(result);
      }
    } catch (error) {
      if (error instanceof ConnectionEnded) return;
      if (error instanceof EventLost || error instanceof ServiceUnavailable) socket.closeFor(closeCodes.tryAgain);
      else yield asExecutionResult({ errors: [mask(error)] });
    } finally {
      release();
    }
  }
  const generator = results();
  const end = generator.return.bind(generator);
  // As in openSubscription: the stream is ended from outside, for the generator itself waits inside of it or has not begun.
  generator.return = (value) => {
    release();
    stream.return().catch(() => undefined);
    return end(value);
  };
  return generator;
}
