import type { UnsentAnswers } from "../../http/unsent-answers.js";
import { smallBytes } from "../connections/socket.js";

/** When this much waits, nothing more can. */
const fullBytes = 64 * 1024;

/** Messages of a stream that is reserved and not open yet. Their memory is charged like that of unread ones, and their operations wait. */
export class EarlyMessages {
  readonly #unsent: UnsentAnswers;
  readonly #taken = Promise.withResolvers<void>();
  readonly #releases: (() => void)[] = [];
  #messages: Buffer[] = [];
  #bytes = 0;

  constructor(unsent: UnsentAnswers) {
    this.#unsent = unsent;
  }

  /**
   * Keeps a message.
   * @param account charged for its memory
   * @returns a promise if the next event is to wait, which resolves when the messages were sent or discarded; "full" if it was not kept
   */
  keep(
    parts: readonly Buffer[],
    { account, bytes }: { readonly account: string; readonly bytes: number },
  ): Promise<void> | undefined | "full" {
    const release = this.#bytes >= fullBytes ? undefined : this.#unsent.begin(account, bytes);
    if (!release) return "full";
    this.#releases.push(release);
    this.#bytes += bytes;
    this.#messages.push(...parts);
    return this.#bytes > smallBytes ? this.#taken.promise : undefined;
  }

  /** Returns the messages, which are charged until `done`. */
  take(): readonly Buffer[] {
    return this.#messages;
  }

  /** Call when the messages were sent, or will never be. */
  done(): void {
    this.#messages = [];
    for (const release of this.#releases.splice(0)) release();
    this.#taken.resolve();
  }
}
