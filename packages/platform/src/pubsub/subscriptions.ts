import type { MessageHandler } from "./pubsub.js";

/** Handlers by channel, for the adapters. If a handler throws, the error is reported and the other handlers still get the message. */
export class Subscriptions {
  readonly #handlers = new Map<string, Set<{ handle: MessageHandler }>>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Adds a handler. `isFirst` and the remover's `isLast` tell the adapter when to subscribe to and unsubscribe from the channel. */
  add(channel: string, handle: MessageHandler): { isFirst: boolean; remove: () => { isLast: boolean } } {
    const entry = { handle };
    const existing = this.#handlers.get(channel);
    const handlers = existing ?? new Set();
    handlers.add(entry);
    this.#handlers.set(channel, handlers);
    return {
      isFirst: existing === undefined,
      remove: () => {
        if (!handlers.delete(entry) || handlers.size > 0) return { isLast: false };
        if (this.#handlers.get(channel) === handlers) this.#handlers.delete(channel);
        return { isLast: true };
      },
    };
  }

  channels(): string[] {
    return [...this.#handlers.keys()];
  }

  deliver(channel: string, message: string): void {
    for (const { handle } of this.#handlers.get(channel) ?? []) {
      try {
        handle(message);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
