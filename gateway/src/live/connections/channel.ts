import type { CloseReason } from "./close-codes.js";
import type { SharedText } from "./shared-text.js";

/** What the messages of a connection go through: a WebSocket, or the response to an HTTP request. It is closed once, with the first reason. */
export interface Channel {
  readonly isClosing: boolean;
  /** From now on, the channel's unsent data counts for this tenant. */
  belongsTo(tenantId: string): void;
  /** Returns the beginning of each message to the subscription with this ID. */
  headOf(id: string): Buffer;
  /**
   * Sends a message whose end is shared with other clients.
   * @returns a promise if the client is behind, which resolves when the message was handed to the network
   */
  sendShared(head: Buffer, text: SharedText): Promise<void> | undefined;
  /** Says that a subscription has caught up, and the cursor from which it could be resumed. Null: that is not known. */
  sendLive(id: string, cursor: string | null): void;
  /**
   * Told where a subscription has begun, and how to learn where it could be resumed now: null while events are on their way. Undefined for a channel that
   * tells its client nothing between results.
   */
  followed?(id: string, start: string, cursorNow: () => string | null): void;
  closeFor(reason: CloseReason): void;
}
