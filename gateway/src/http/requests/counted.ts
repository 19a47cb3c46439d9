import type { FastifyRequest } from "fastify";
import type { Anonymous } from "../../limits/anonymous.js";
import type { CountedRequest } from "../../limits/addresses/counted-requests.js";

const counted = new WeakMap<object, CountedRequest>();

/** Counts a request without a login before its body is read. @throws RateLimited */
export async function countRequest(request: FastifyRequest, anonymous: Pick<Anonymous, "begin">, bytes: number): Promise<void> {
  counted.set(request, await anonymous.begin(request.ip, bytes));
}

/** Returns what the request has taken from the limits of its address. Undefined for one with a login. */
export const countedOf = (request: object): CountedRequest | undefined => counted.get(request);
