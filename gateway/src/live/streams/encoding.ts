import type { ExecutionResult, GraphQLFormattedError } from "graphql";
import type { EncodeTail } from "../connections/shared-text.js";

/** How messages are written into the response to an HTTP request. */
export interface StreamEncoding {
  readonly contentType: string;
  /** Sent at once, because some browsers and proxies pass on the head of a response only with its first bytes. */
  readonly begin: string;
  /** Sent now and then, so that no proxy takes the connection for dead. */
  readonly heartbeat: string;
  /** The beginning of a result of the operation with this ID, up to the result. */
  headOf(id: string): string;
  /** The rest of a message. */
  readonly tailOf: EncodeTail;
  /** The end of an operation. */
  completeOf(id: string): string;
  /** Says from which cursor the operation of the stream can be resumed. Undefined: clients cannot be told. */
  resumesAt?(cursor: string): string;
  /** Says that an operation has caught up. Undefined: clients cannot be told. */
  liveOf?(id: string, cursor: string | null): string;
  /** Errors of the stream itself, which end these operations, or interrupt them: then the client can connect again, and resume. */
  brokenOf(errors: readonly GraphQLFormattedError[], which: { readonly ids: readonly string[]; readonly isFinal: boolean }): string;
  /** The end of the stream. */
  readonly end: string;
}

/** A result that only this client gets. */
export const messageOf = (encoding: StreamEncoding, id: string, result: ExecutionResult): Buffer =>
  Buffer.concat([Buffer.from(encoding.headOf(id)), encoding.tailOf({ payload: Buffer.from(JSON.stringify(result)), cursor: "" })]);
