import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { CallContext } from "../context/call-context.js";
import { Unauthenticated } from "../errors/errors.js";
import { isUuid } from "../ids/uuid-v7.js";
import { isPermission } from "../viewer/permissions.js";
import { scopes } from "../viewer/viewer.js";

/** The header that carries the gateway's signature. */
export const gatewayHeader = "x-weft-call";

/** A call is refused when the clocks of gateway and subgraph, and its way, differ by more. */
export const maxSkewMs = 10_000;

const uuid = z.string().refine(isUuid);
const scopesByPermission = z.record(z.string().refine(isPermission), z.array(z.enum(scopes as ["OWN", "ASSIGNED", "TEAM", "TENANT"])));
const viewer = z.object({
  tenantId: uuid,
  tenantSlug: z.string(),
  userId: uuid,
  userType: z.enum(["EMPLOYEE", "VENDOR", "SERVICE", "OPERATOR"]),
  vendorId: uuid.nullable(),
  sessionId: uuid,
  operatorId: uuid.nullable(),
  roles: z.array(z.string()),
  teamIds: z.array(uuid),
  ledTeamIds: z.array(uuid),
  permissions: scopesByPermission,
  denials: scopesByPermission,
  rightsVersion: z.string(),
});
const claims = z.object({
  subgraph: z.string(),
  /** SHA-256 of the body, base64url. */
  body: z.string(),
  issuedAtMs: z.number(),
  nonce: z.string().min(16).max(64),
  call: z.object({
    viewer: viewer.nullable(),
    requestId: z.string(),
    address: z.string().nullable(),
    userAgent: z.string().nullable(),
    traceId: z.string().nullable(),
    operationId: z.string().max(64).optional(),
    remainingMs: z.number().nonnegative().optional(),
    livePosition: z.number().int().nonnegative().optional(),
  }),
});

/** What is signed beside the call's context. */
export interface SignedCall extends CallContext {
  /** For whom alone the signature is good. */
  readonly subgraph: string;
  /** Exactly the bytes of the request's body. */
  readonly body: string;
}

/** Signs one call of the gateway, for the header `x-weft-call`; each attempt has a signature of its own. */
export function signCall(
  key: Uint8Array,
  { subgraph, body, viewer: who, requestId, address, userAgent, traceId, operationId, remainingMs, livePosition }: SignedCall,
  nowMs = Date.now(),
): string {
  const signed: z.input<typeof claims> = {
    subgraph,
    body: bodyHash(body),
    issuedAtMs: nowMs,
    nonce: randomBytes(16).toString("base64url"),
    call: { viewer: who, requestId, address, userAgent: userAgent?.slice(0, 200) ?? null, traceId, operationId, remainingMs, livePosition },
  };
  const payload = Buffer.from(JSON.stringify(signed)).toString("base64url");
  return `${payload}.${mac(key, payload).toString("base64url")}`;
}

/** Verifies a call: its context, or Unauthenticated. */
export type CallVerifier = (header: unknown, body: string) => CallContext;

/**
 * A verifier for one subgraph. It remembers the nonces of the time window, so that a call that somebody overheard is good for nothing here.
 * Another process of the same subgraph would take it, once and within the window: between hosts the way has to be encrypted.
 * @param now for tests; true time otherwise
 */
export function callVerifier({ key, subgraph, now = Date.now }: { key: Uint8Array; subgraph: string; now?: () => number }): CallVerifier {
  const isFresh = nonceMemory();
  return (header, body) => {
    const [payload, signature, ...more] = typeof header === "string" ? header.split(".") : [];
    if (!payload || !signature || more.length > 0 || !isSigned(key, payload, signature)) throw refused();
    const parsed = claims.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString()));
    const nowMs = now();
    const isMeant =
      parsed.success &&
      parsed.data.subgraph === subgraph &&
      parsed.data.body === bodyHash(body) &&
      Math.abs(nowMs - parsed.data.issuedAtMs) <= maxSkewMs &&
      isFresh(parsed.data.nonce, nowMs);
    if (!isMeant) throw refused();
    return parsed.data.call;
  };
}

/** Says whether a nonce is new. Two generations, each as long as a signature can be good: memory is bounded by the calls of that time. */
function nonceMemory(): (nonce: string, nowMs: number) => boolean {
  let current = new Set<string>();
  let previous = new Set<string>();
  let turnsAt = 0;
  return (nonce, nowMs) => {
    if (nowMs >= turnsAt) {
      previous = nowMs >= turnsAt + 2 * maxSkewMs ? new Set() : current;
      current = new Set();
      turnsAt = nowMs + 2 * maxSkewMs;
    }
    if (current.has(nonce) || previous.has(nonce)) return false;
    current.add(nonce);
    return true;
  };
}

const bodyHash = (body: string): string => createHash("sha256").update(body).digest("base64url");
const mac = (key: Uint8Array, payload: string): Buffer => createHmac("sha256", key).update("weft-call\n").update(payload).digest();

function isSigned(key: Uint8Array, payload: string, signature: string): boolean {
  const given = Buffer.from(signature, "base64url");
  const wanted = mac(key, payload);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** One answer, whatever was wrong: it helps nobody but an attacker to know. */
const refused = (): Unauthenticated => new Unauthenticated("This server answers its gateway only.");
