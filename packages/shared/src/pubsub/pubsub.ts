/** Gets each message of a channel, in the order of publishing. Must not throw; a throwing handler does not stop the others. */
export type MessageHandler = (message: string) => void;

/**
 * Carries messages between processes, or within one. At most once: whoever was away has missed them, so every user of it has another
 * way to notice (positions of events, sweeps of sessions). Two adapters, one contract test.
 */
export interface PubSub {
  /** Resolves when the message is handed over. Rejects with SERVICE_UNAVAILABLE, within 100 ms, when the carrier is away. */
  publish(channel: string, message: string): Promise<void>;
  /** Resolves when messages published from now on will arrive. The answer ends the subscription. */
  subscribe(channel: string, handler: MessageHandler): Promise<() => Promise<void>>;
  /** Called each time the carrier is back after a loss: messages may have been missed. The answer removes the handler. */
  onReconnect(handler: () => void): () => void;
  close(): Promise<void>;
}
