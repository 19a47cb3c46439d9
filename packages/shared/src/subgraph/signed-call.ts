import { createHmac, createSecretKey, hash, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import type { CallContext } from "../context/call-context.js";
import { Unauthenticated } from "../errors/errors.js";
import { isUuid } from "../ids/uuid-v7.js";
import { isPermission } from "../viewer/permissions.js";
import { scopes, type Viewer } from "../viewer/viewer.js";

/** Header with the gateway's signature. */
export const gatewayHeader = "x-weft-call";

/** Maximum difference between the issue time of a call and the subgraph's time. It covers clock skew and transmission. */
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
    requestId: z.string(),
    address: z.string().nullable(),
    userAgent: z.string().nullable(),
    traceId: z.string().nullable(),
    operationId: z.string().max(64).optional(),
    remainingMs: z.number().nonnegative().optional(),
    livePosition: z.number().int().nonnegative().optional(),
  }),
});

/** Signed data in addition to the call's context. */
export interface SignedCall extends CallContext {
  /** The only subgraph for which the signature is valid. */
  readonly subgraph: string;
  /** Exactly the bytes of the request's body. */
  readonly body: string;
}

/**
 * Signs a call of the gateway, for the header `x-weft-call`: the claims, the viewer (empty for nobody) and the signature of both, separated by dots.
 * Each attempt has its own signature. The viewer stands apart because it is by far the largest part and the same in many calls: it is written once
 * and parsed once.
 */
export function signCall(
  key: Uint8Array,
  { subgraph, body, viewer: who, requestId, address, userAgent, traceId, operationId, remainingMs, livePosition }: SignedCall,
  nowMs = Date.now(),
): string {
  const signed: z.input<typeof claims> = {
    subgraph,
    body: bodyHash(body),
    issuedAtMs: nowMs,
    nonce: nextNonce(),
    call: { requestId, address, userAgent: userAgent?.slice(0, 200) ?? null, traceId, operationId, remainingMs, livePosition },
  };
  const payload = `${Buffer.from(JSON.stringify(signed)).toString("base64url")}.${who === null ? "" : encoded(who)}`;
  return `${payload}.${mac(key, payload).toString("base64url")}`;
}

/** Unique in all processes: random for the process, counted within it. */
const nextNonce = ((): (() => string) => {
  const process = randomBytes(15).toString("base64url");
  let calls = 0;
  return () => `${process}${(calls++).toString(36)}`;
})();

const encodedViewers = new WeakMap<Viewer, string>();

/** Viewers are immutable, and operations of a session share one. */
function encoded(who: Viewer): string {
  const known = encodedViewers.get(who);
  if (known !== undefined) return known;
  const made = Buffer.from(JSON.stringify(who)).toString("base64url");
  encodedViewers.set(who, made);
  return made;
}

/** Verifies a call and returns its context. Throws Unauthenticated if it is not valid. */
export type CallVerifier = (header: unknown, body: string) => CallContext;

/**
 * Returns a verifier for one subgraph. It remembers the nonces within the time window, so that an intercepted call cannot be replayed here. Another
 * process of the same subgraph would accept it once within the window, so connections between hosts must be encrypted.
 * @param now replaced in tests; default: current time
 */
export function callVerifier({ key, subgraph, now = Date.now }: { key: Uint8Array; subgraph: string; now?: () => number }): CallVerifier {
  const isFresh = nonceMemory();
  const viewerOf = viewerMemory();
  return (header, body) => {
    const [call, who, signature, ...more] = typeof header === "string" ? header.split(".") : [];
    if (!call || who === undefined || !signature || more.length > 0 || !isSigned(key, `${call}.${who}`, signature)) throw refused();
    const parsed = claims.safeParse(decoded(call));
    const nowMs = now();
    const isMeant =
      parsed.success &&
      parsed.data.subgraph === subgraph &&
      parsed.data.body === bodyHash(body) &&
      Math.abs(nowMs - parsed.data.issuedAtMs) <= maxSkewMs &&
      isFresh(parsed.data.nonce, nowMs);
    if (!isMeant) throw refused();
    return { ...parsed.data.call, viewer: viewerOf(who) };
  };
}

/** Returns a function that parses the encoded viewer of a call whose signature is valid. It remembers the viewers of recent calls. */
function viewerMemory(): (text: string) => Viewer | null {
  const known = new LRUCache<string, Viewer>({ maxSize: 16 * 1024 * 1024, sizeCalculation: (_viewer, text) => text.length });
  return (text) => {
    if (text === "") return null;
    const remembered = known.get(text);
    if (remembered) return remembered;
    const parsed = viewer.safeParse(decoded(text));
    if (!parsed.success) throw refused();
    known.set(text, parsed.data);
    return parsed.data;
  };
}

/**
 * Returns a function that tells whether a nonce is new. It keeps two generations, each as long as a signature can be valid, so memory is limited by
 * the number of calls in that time.
 */
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

const decoded = (text: string): unknown => JSON.parse(Buffer.from(text, "base64url").toString());
const bodyHash = (body: string): string => hash("sha256", body, "base64url");
const mac = (key: Uint8Array, payload: string): Buffer =>
  createHmac("sha256", imported(key)).update("weft-call\n").update(payload).digest();

const keyObjects = new WeakMap<Uint8Array, KeyObject>();

/** Importing a key costs more than the signature of a call. */
function imported(key: Uint8Array): KeyObject {
  const known = keyObjects.get(key);
  if (known !== undefined) return known;
  const made = createSecretKey(key);
  keyObjects.set(key, made);
  return made;
}

function isSigned(key: Uint8Array, payload: string, signature: string): boolean {
  const given = Buffer.from(signature, "base64url");
  const wanted = mac(key, payload);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** One error for all causes. Details would only help an attacker. */
const refused = (): Unauthenticated => new Unauthenticated("This server only accepts calls from its gateway.");
