/** Receives the messages of a channel in the order of publishing. Must not throw. A handler that throws does not stop the others. */
export type MessageHandler = (message: string) => void;

/**
 * Carries messages between processes, or within one. Delivery is at most once: a disconnected process misses messages. All users of this interface
 * must therefore have another way to detect changes (positions of events, periodic checks of sessions). There are two adapters and one contract test.
 */
export interface PubSub {
  /** Resolves when the message is handed over. Rejects with SERVICE_UNAVAILABLE, within 100 ms, if the carrier is unavailable. */
  publish(channel: string, message: string): Promise<void>;
  /** Publishes messages of one channel, in order, at the cost of little more than one. Rejects as `publish` does, if one of them fails. */
  publishAll(channel: string, messages: readonly string[]): Promise<void>;
  /** Resolves when messages published from now on will arrive. The returned function ends the subscription. */
  subscribe(channel: string, handler: MessageHandler): Promise<() => Promise<void>>;
  /**
   * Registers a handler that is called each time the carrier is available again, because messages may have been missed. The returned function removes
   * the handler.
   */
  onReconnect(handler: () => void): () => void;
  close(): Promise<void>;
}
