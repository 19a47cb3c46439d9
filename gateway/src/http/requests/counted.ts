import { contained } from "@weft/platform/logging";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Anonymous } from "../../limits/anonymous.js";
import type { CountedRequest } from "../../limits/addresses/counted-requests.js";

/** A request, and its response. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

const counted = new WeakMap<object, CountedRequest>();

/** Counts a request without a login before its body is read. It is under way until its response was sent, or the client is gone. @throws RateLimited */
export async function countRequest(
  { request, reply }: Exchange,
  anonymous: Pick<Anonymous, "begin" | "ended">,
  bytes: number,
): Promise<void> {
  const taken = await anonymous.begin(request.ip, bytes);
  counted.set(request, taken);
  const onClose = contained("the end of a request without a login", () => anonymous.ended(taken));
  if (reply.raw.destroyed) onClose();
  else reply.raw.once("close", onClose);
}

/** Returns what the request has taken from the limits of its address. Undefined for one with a login. */
export const countedOf = (request: object): CountedRequest | undefined => counted.get(request);
