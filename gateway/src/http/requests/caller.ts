import type { IncomingHttpHeaders } from "node:http";
import { RateLimited, Unauthenticated } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import type { FastifyRequest, RequestPayload } from "fastify";
import type { SessionCookies } from "../../cookies/session-cookies.js";
import type { Anonymous } from "../../limits/anonymous.js";
import type { Authenticate, Authenticated } from "../../viewer/authenticate.js";
import { originRefusal } from "../origins/origins.js";
import type { OriginCheck } from "../origins/origins.js";
import { connectionBelongsTo } from "../connections.js";
import { HttpRefusal } from "../refusal.js";
import { countRequest, type Exchange } from "./counted.js";
import { announcedBytes, boundedBody } from "./anonymous-body.js";

export interface CallerOptions {
  readonly authenticate: Authenticate;
  readonly limits: { readonly anonymousBodyBytes: number };
  readonly anonymous: Anonymous;
  readonly isOriginAllowed: OriginCheck;
  /** Undefined for routes that take no session from a cookie. */
  readonly cookies: SessionCookies | undefined;
}

/** The caller behind the valid token of a request. The lookup starts before the body is read, so that both run at the same time. */
const asking = new WeakMap<FastifyRequest, Promise<Authenticated>>();

/** Allows the body to be read, with a smaller limit for requests without a valid token. @throws HttpRefusal, Unauthenticated, RateLimited */
export async function admitCaller(
  exchange: Exchange,
  payload: RequestPayload,
  { authenticate, anonymous, limits, isOriginAllowed, cookies }: CallerOptions,
): Promise<RequestPayload> {
  const { request } = exchange;
  const { headers, ip, url, method } = request;
  if (!isOriginAllowed(headers.origin, headers.host)) throw new HttpRefusal(403, originRefusal(headers.origin));
  const { anonymousBodyBytes } = limits;
  const bytes = url.length + Math.min(announcedBytes(headers, anonymousBodyBytes), anonymousBodyBytes);
  const count = (): Promise<void> => anonymous.count(ip, bytes);
  const claims = await authenticate
    .claimsOf(headers.authorization ?? (method !== "GET" && cookies ? authorizationOf(headers, cookies) : undefined))
    .catch(async (error: unknown) => {
      await count();
      throw error;
    });
  if (claims) {
    const authenticated = authenticate.viewerOf(claims, ip);
    // If reading the body fails, nobody awaits this promise.
    authenticated.catch(() => undefined);
    asking.set(request, authenticated);
    // Anybody can write a text that looks like an API key. Until it has proved to be one, it counts as no token.
    if (!authenticate.isProven(claims))
      await authenticated.catch(async (error: unknown) => {
        if (error instanceof Unauthenticated) await count();
        throw error;
      });
    return payload;
  }
  await countRequest(exchange, anonymous, bytes);
  return boundedBody(payload, headers, anonymousBodyBytes);
}

/** Returns the authorization by a cookie, which counts only for requests of our own pages. A GET, which links and images cause, is never one. */
function authorizationOf(headers: IncomingHttpHeaders, cookies: SessionCookies): string | undefined {
  const { access } = cookies.tokensOf(headers);
  return access !== undefined && cookies.isOwnRequest(headers) ? `Bearer ${access}` : undefined;
}

/**
 * Returns the caller, or null without a token.
 * @throws Unauthenticated if the session of the token has ended, which counts like a request without one; RateLimited if the caller has too many connections
 */
export async function callerOf(request: FastifyRequest, { anonymous }: Pick<CallerOptions, "anonymous">): Promise<Viewer | null> {
  try {
    const viewer = (await asking.get(request))?.viewer ?? null;
    if (viewer && !connectionBelongsTo(request.raw.socket, viewer.userId))
      throw new RateLimited({ retryAfter: 5 }, "You have too many connections.");
    return viewer;
  } catch (error) {
    if (error instanceof Unauthenticated) await anonymous.count(request.ip, 0);
    throw error;
  }
}

/** Returns the caller as loaded at or after a time, by `performance.now()`. @throws as `callerOf` */
export async function callerSince(
  request: FastifyRequest,
  since: number,
  options: Pick<CallerOptions, "authenticate" | "anonymous">,
): Promise<Viewer | null> {
  const before = await asking.get(request);
  if (before) asking.set(request, options.authenticate.viewerOf(before.claims, request.ip, since));
  return callerOf(request, options);
}

/** As `callerOf`, with the token. Undefined without one. */
export async function authenticationOf(
  request: FastifyRequest,
  { anonymous }: Pick<CallerOptions, "anonymous">,
): Promise<Authenticated | undefined> {
  await callerOf(request, { anonymous });
  return asking.get(request);
}

/** Returns the caller for the log: null without a valid token. */
export const knownCaller = async (request: FastifyRequest): Promise<Viewer | null> =>
  (await asking.get(request)?.catch(() => null))?.viewer ?? null;
