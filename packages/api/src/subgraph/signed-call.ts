import { createHmac, createSecretKey, hash, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { Unauthenticated } from "@weft/shared/errors";
import { isUuid } from "@weft/shared/ids";
import { type CallContext, isPermission, scopes, type Viewer } from "@weft/shared/viewer";

/** Header with the gateway's signature. */
export const gatewayHeader = "x-weft-call";

/** Maximum difference between the issue time of a call and the subgraph's time. It covers clock skew and transmission. */
export const maxSkewMs = 10_000;

const uuid = z.string().refine(isUuid);
const scopesByPermission = z.record(z.string().refine(isPermission), z.array(z.enum(scopes)));
const viewer = z.object({
  tenantId: uuid,
  tenantSlug: z.string(),
  userId: uuid,
  userType: z.enum(["EMPLOYEE", "VENDOR", "SERVICE", "OPERATOR"]),
  vendorId: uuid.nullable(),
  sessionId: uuid,
  apiKey: z.object({ id: uuid, operationsPerMinute: z.number().nullable() }).nullable(),
  operatorId: uuid.nullable(),
  authenticatedAt: z.string().nullable(),
  isRestricted: z.boolean(),
  roles: z.array(z.string()),
  teamIds: z.array(uuid),
  ledTeamIds: z.array(uuid),
  permissions: scopesByPermission,
  denials: scopesByPermission,
  rightsVersion: z.string(),
});
const rateQuota = z.object({
  policy: z.string(),
  scope: z.enum(["ADDRESS", "USER", "API_KEY", "TENANT", "OPERATION"]),
  unit: z.enum(["OPERATIONS", "COST"]),
  field: z.string().optional(),
  limit: z.number(),
  used: z.number(),
  windowSeconds: z.number(),
  resetAt: z.string(),
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
    client: z.object({ name: z.string(), version: z.string() }).optional(),
    traceId: z.string().nullable(),
    operationId: z.string().max(64).optional(),
    remainingMs: z.number().nonnegative().optional(),
    livePosition: z.number().int().nonnegative().optional(),
    minPosition: z.string().max(120).optional(),
    causeId: uuid.optional(),
    rateQuotas: z.array(rateQuota).readonly().optional(),
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
 * Each attempt has its own signature. The viewer stands apart because it is by far the largest part and the same in many calls: it is written and
 * hashed once, and parsed once. The signature covers its hash.
 */
export function signCall(key: Uint8Array, { subgraph, body, viewer: who, ...call }: SignedCall, nowMs = Date.now()): string {
  const signed: z.input<typeof claims> = {
    subgraph,
    body: sha256(body),
    issuedAtMs: nowMs,
    nonce: nextNonce(),
    call: { ...call, userAgent: call.userAgent?.slice(0, 200) ?? null },
  };
  const text = Buffer.from(JSON.stringify(signed)).toString("base64url");
  const sender = who === null ? nobody : encoded(who);
  return `${text}.${sender.text}.${mac(key, text, sender.digest)}`;
}

/** Unique in all processes: random for the process, counted within it. */
const nextNonce = ((): (() => string) => {
  const process = randomBytes(15).toString("base64url");
  let calls = 0;
  return () => `${process}${(calls++).toString(36)}`;
})();

/** A viewer as it is sent, and the SHA-256 of this text. */
interface EncodedViewer {
  readonly text: string;
  readonly digest: string;
}

const nobody: EncodedViewer = { text: "", digest: "" };
const encodedViewers = new WeakMap<Viewer, EncodedViewer>();

/** Viewers are immutable, and operations of a session share one. */
function encoded(who: Viewer): EncodedViewer {
  const known = encodedViewers.get(who);
  if (known !== undefined) return known;
  const text = Buffer.from(JSON.stringify(who)).toString("base64url");
  const made = { text, digest: sha256(text) };
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
  const viewers = new LRUCache<string, VerifiedViewer>({ maxSize: 16 * 1024 * 1024, sizeCalculation: (_viewer, text) => text.length });
  return (header, body) => {
    const [call, who, signature, ...more] = typeof header === "string" ? header.split(".") : [];
    if (!call || who === undefined || !signature || more.length > 0) throw refused();
    const known = viewers.get(who);
    if (!isEqual(signature, mac(key, call, known?.digest ?? digestOf(who)))) throw refused();
    const parsed = claims.safeParse(decoded(call));
    const nowMs = now();
    const isMeant =
      parsed.success &&
      parsed.data.subgraph === subgraph &&
      parsed.data.body === sha256(body) &&
      Math.abs(nowMs - parsed.data.issuedAtMs) <= maxSkewMs &&
      isFresh(parsed.data.nonce, nowMs);
    if (!isMeant) throw refused();
    if (who === "") return { ...parsed.data.call, viewer: null };
    const verified = known ?? parsedViewer(who);
    if (!known) viewers.set(who, verified);
    return { ...parsed.data.call, viewer: verified.viewer };
  };
}

/** A viewer of a recent call whose signature was valid, and the SHA-256 of the text that was sent. */
interface VerifiedViewer {
  readonly viewer: Viewer;
  readonly digest: string;
}

function parsedViewer(text: string): VerifiedViewer {
  const parsed = viewer.safeParse(decoded(text));
  if (!parsed.success) throw refused();
  return { viewer: parsed.data, digest: digestOf(text) };
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
const sha256 = (text: string): string => hash("sha256", text, "base64url");
const digestOf = (viewerText: string): string => (viewerText === "" ? nobody.digest : sha256(viewerText));

/** The signature of a call: of its claims, which contain the hash of the body, and the hash of its viewer. */
const mac = (key: Uint8Array, call: string, viewerDigest: string): string =>
  createHmac("sha256", imported(key)).update(`weft-call\n${call}.${viewerDigest}`).digest("base64url");

const keyObjects = new WeakMap<Uint8Array, KeyObject>();

/** Importing a key costs more than the signature of a call. */
function imported(key: Uint8Array): KeyObject {
  const known = keyObjects.get(key);
  if (known !== undefined) return known;
  const made = createSecretKey(key);
  keyObjects.set(key, made);
  return made;
}

/** Compares in constant time. */
function isEqual(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** One error for all causes. Details would only help an attacker. */
const refused = (): Unauthenticated => new Unauthenticated("This server only accepts calls from its gateway.");
