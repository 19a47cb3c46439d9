import { type ClientError, MfaRequired, RateLimited, ServiceUnavailable, toClientError, Unauthenticated } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import type { GraphQLFormattedError } from "graphql";
import { HttpRefusal } from "../../http/refusal.js";
import { closeCodes } from "../connections/close-codes.js";
import type { CloseReason } from "../connections/close-codes.js";

/** Whether the client must not connect again by itself. */
export const isFinal = (reason: CloseReason): boolean => reason === closeCodes.unauthorized || reason === closeCodes.mfaRequired;

/**
 * Returns the error that tells a client why its stream ends, in place of the close code of a socket. Null for a restart of the server: the client only has
 * to connect again.
 */
export function errorOf(reason: CloseReason): GraphQLFormattedError | null {
  if (reason === closeCodes.restart) return null;
  const { client }: ClientError = toClientError(causeOf(reason), newId());
  return { ...client, extensions: { ...client.extensions, closeCode: reason.code } };
}

/** Returns why a stream ended, or could not begin, as the error of an operation. Undefined: its client has gone. */
export function causeOf(reason: CloseReason | undefined): Error {
  switch (reason) {
    case undefined:
      return new HttpRefusal(404, "The stream has ended.");
    case closeCodes.renew:
      return new Unauthenticated("The access token has expired, or your rights have changed. Connect again with a valid token.");
    case closeCodes.unauthorized:
      return new Unauthenticated("The session has ended. Log in again.");
    case closeCodes.mfaRequired:
      return new MfaRequired();
    case closeCodes.tooSlow:
      return new RateLimited({ retryAfter: 1 }, "You read more slowly than events happen. Connect again, and resume with the last cursor.");
    default:
      return new ServiceUnavailable("gateway");
  }
}
