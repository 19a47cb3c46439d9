import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { headerOf, isMessageId, jsonObjectOf, type InboundRequest } from "./request.js";

/** How senders prove who they are. */
export type InboundScheme = "STANDARD_WEBHOOKS" | "GITHUB" | "STRIPE" | "SLACK" | "HMAC" | "BASIC";

/** Settings of the schemes HMAC and BASIC. Names of headers are in lower case. */
export interface InboundSchemeSettings {
  /** Header with the signature. */
  readonly header?: string;
  readonly algorithm?: "SHA256" | "SHA512";
  readonly encoding?: "HEX" | "BASE64";
  /** Text before the signature. */
  readonly prefix?: string;
  /** Header with a time in Unix seconds. The signature is then that of the time, a dot, and the body. */
  readonly timestampHeader?: string;
  readonly idHeader?: string;
  readonly username?: string;
}

export interface InboundEndpoint {
  readonly scheme: InboundScheme;
  readonly settings: InboundSchemeSettings;
  /** The current secret, and during a rotation the previous one. */
  readonly secrets: readonly string[];
}

/** Why a request was refused. Only for logs and tests: senders learn nothing about it. */
export type Refusal = "MISSING_SIGNATURE" | "MALFORMED_SIGNATURE" | "WRONG_SIGNATURE" | "BAD_TIMESTAMP" | "OUTSIDE_WINDOW" | "BAD_ID";

export type Verified =
  | {
      readonly isVerified: true;
      /** ID from the sender. Null if the request has none. */
      readonly messageId: string | null;
      /** Hash of what was signed, if that does not include the ID: whoever has seen a request could send it again with another ID. Otherwise null. */
      readonly replayKey: string | null;
    }
  | { readonly isVerified: false; readonly reason: Refusal };

/** Requests that are older or newer than this are refused, if the scheme has a time. */
export const REPLAY_WINDOW_SECONDS = 300;

/** More signatures in one header have no use. */
const MAX_SIGNATURES = 10;

/**
 * Decides whether a request comes from a sender that knows one of the secrets. Signatures are compared in constant time. Pure.
 * @param now Unix time in seconds
 */
export function verifyInbound(endpoint: InboundEndpoint, request: InboundRequest, now: number): Verified {
  switch (endpoint.scheme) {
    case "STANDARD_WEBHOOKS":
      return verifyStandard(endpoint, request, now);
    case "GITHUB":
      return verifyGithub(endpoint, request);
    case "STRIPE":
      return verifyStripe(endpoint, request, now);
    case "SLACK":
      return verifySlack(endpoint, request, now);
    case "HMAC":
      return verifyHmac(endpoint, request, now);
    case "BASIC":
      return verifyBasic(endpoint, request);
    default:
      return endpoint.scheme satisfies never;
  }
}

/** Returns the key of a secret of Standard Webhooks: the bytes after `whsec_`, in Base64. Null if it is not one. */
export function standardKeyOf(secret: string): Buffer | null {
  const text = secret.startsWith("whsec_") ? secret.slice("whsec_".length) : secret;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  const key = Buffer.from(text, "base64");
  return key.length >= 16 && key.length <= 128 ? key : null;
}

function verifyStandard({ secrets }: InboundEndpoint, request: InboundRequest, now: number): Verified {
  const [id, timestamp, header] = [
    headerOf(request, "webhook-id"),
    headerOf(request, "webhook-timestamp"),
    headerOf(request, "webhook-signature"),
  ];
  if (header === null) return refused("MISSING_SIGNATURE");
  // Dots separate what is signed. With one in the ID, parts of the ID could be passed off as a time.
  if (!isMessageId(id) || id.includes(".")) return refused("BAD_ID");
  const late = timeProblem(timestamp, now);
  if (late !== null || timestamp === null) return refused(late ?? "BAD_TIMESTAMP");
  const given = header.split(" ").flatMap((part) => (part.startsWith("v1,") ? [part.slice("v1,".length)] : []));
  const keys = secrets.flatMap((secret) => standardKeyOf(secret) ?? []);
  const expected = keys.map((key) => macOf({ key, algorithm: "sha256" }, `${id}.${timestamp}.`, request.body));
  const problem = signatureProblem(expected, given, "base64");
  return problem ? refused(problem) : { isVerified: true, messageId: id, replayKey: null };
}

function verifyGithub({ secrets }: InboundEndpoint, request: InboundRequest): Verified {
  const header = headerOf(request, "x-hub-signature-256");
  const id = headerOf(request, "x-github-delivery");
  if (header === null) return refused("MISSING_SIGNATURE");
  if (!header.startsWith("sha256=")) return refused("MALFORMED_SIGNATURE");
  if (!isMessageId(id)) return refused("BAD_ID");
  const expected = secrets.map((key) => macOf({ key, algorithm: "sha256" }, "", request.body));
  const problem = signatureProblem(expected, [header.slice("sha256=".length)], "hex");
  return problem ? refused(problem) : { isVerified: true, messageId: id, replayKey: hashOf("", request.body) };
}

function verifyStripe({ secrets }: InboundEndpoint, request: InboundRequest, now: number): Verified {
  const header = headerOf(request, "stripe-signature");
  if (header === null) return refused("MISSING_SIGNATURE");
  const pairs = header.split(",").map((part) => {
    const at = part.indexOf("=");
    return [part.slice(0, at).trim(), part.slice(at + 1).trim()] as const;
  });
  const times = pairs.flatMap(([name, value]) => (name === "t" ? [value] : []));
  const timestamp = times.length === 1 ? (times[0] ?? null) : null;
  const late = timeProblem(timestamp, now);
  if (late !== null || timestamp === null) return refused(late ?? "BAD_TIMESTAMP");
  const expected = secrets.map((key) => macOf({ key, algorithm: "sha256" }, `${timestamp}.`, request.body));
  const given = pairs.flatMap(([name, value]) => (name === "v1" ? [value] : []));
  const problem = signatureProblem(expected, given, "hex");
  if (problem) return refused(problem);
  return signedId(jsonObjectOf(request.body)?.["id"], `${timestamp}.`, request.body);
}

function verifySlack({ secrets }: InboundEndpoint, request: InboundRequest, now: number): Verified {
  const header = headerOf(request, "x-slack-signature");
  if (header === null) return refused("MISSING_SIGNATURE");
  if (!header.startsWith("v0=")) return refused("MALFORMED_SIGNATURE");
  const timestamp = headerOf(request, "x-slack-request-timestamp");
  const late = timeProblem(timestamp, now);
  if (late !== null || timestamp === null) return refused(late ?? "BAD_TIMESTAMP");
  const signed = `v0:${timestamp}:`;
  const expected = secrets.map((key) => macOf({ key, algorithm: "sha256" }, signed, request.body));
  const problem = signatureProblem(expected, [header.slice("v0=".length)], "hex");
  if (problem) return refused(problem);
  return signedId(jsonObjectOf(request.body)?.["event_id"], signed, request.body);
}

function verifyHmac({ secrets, settings }: InboundEndpoint, request: InboundRequest, now: number): Verified {
  const { header: name = "x-signature", algorithm = "SHA256", encoding = "HEX", prefix = "", timestampHeader, idHeader } = settings;
  const header = headerOf(request, name);
  if (header === null) return refused("MISSING_SIGNATURE");
  if (!header.startsWith(prefix)) return refused("MALFORMED_SIGNATURE");
  const timestamp = timestampHeader === undefined ? null : headerOf(request, timestampHeader);
  const late = timestampHeader === undefined ? null : timeProblem(timestamp, now);
  if (late !== null) return refused(late);
  const id = idHeader === undefined ? null : headerOf(request, idHeader);
  if (idHeader !== undefined && !isMessageId(id)) return refused("BAD_ID");
  const signed = timestamp === null ? "" : `${timestamp}.`;
  const expected = secrets.map((key) => macOf({ key, algorithm: algorithm === "SHA512" ? "sha512" : "sha256" }, signed, request.body));
  const problem = signatureProblem(expected, [header.slice(prefix.length)], encoding === "BASE64" ? "base64" : "hex");
  return problem ? refused(problem) : { isVerified: true, messageId: id, replayKey: hashOf(signed, request.body) };
}

function verifyBasic({ secrets, settings }: InboundEndpoint, request: InboundRequest): Verified {
  const { username = "", idHeader } = settings;
  const header = headerOf(request, "authorization");
  if (header === null) return refused("MISSING_SIGNATURE");
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? [];
  if (encoded === undefined) return refused("MALFORMED_SIGNATURE");
  const id = idHeader === undefined ? null : headerOf(request, idHeader);
  if (idHeader !== undefined && !isMessageId(id)) return refused("BAD_ID");
  // Hashes have the same length, whatever was sent.
  const digest = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
  const given = digest(Buffer.from(encoded, "base64"));
  const isKnown = secrets.map((password) => timingSafeEqual(digest(Buffer.from(`${username}:${password}`)), given)).includes(true);
  return isKnown ? { isVerified: true, messageId: id, replayKey: null } : refused("WRONG_SIGNATURE");
}

const refused = (reason: Refusal): Verified => ({ isVerified: false, reason });

/** An ID in the signed body. Without one, the message is identified by what was signed. */
const signedId = (id: unknown, signed: string, body: Uint8Array): Verified => ({
  isVerified: true,
  messageId: isMessageId(id) ? id : null,
  replayKey: isMessageId(id) ? null : hashOf(signed, body),
});

function timeProblem(timestamp: string | null, now: number): Refusal | null {
  if (timestamp === null || !/^[1-9]\d{0,11}$/.test(timestamp)) return "BAD_TIMESTAMP";
  return Math.abs(now - Number(timestamp)) <= REPLAY_WINDOW_SECONDS ? null : "OUTSIDE_WINDOW";
}

const macOf = ({ key, algorithm }: { key: string | Buffer; algorithm: "sha256" | "sha512" }, before: string, body: Uint8Array): Buffer =>
  createHmac(algorithm, key).update(before).update(body).digest();

const hashOf = (before: string, body: Uint8Array): string => createHash("sha256").update(before).update(body).digest("hex");

const alphabets = { hex: /^[0-9a-f]+$/i, base64: /^[A-Za-z0-9+/]+={0,2}$/ } as const;

/** Returns null if one of the signatures is one of the expected ones. */
function signatureProblem(expected: readonly Buffer[], given: readonly string[], encoding: "hex" | "base64"): Refusal | null {
  const signatures = given
    .slice(0, MAX_SIGNATURES)
    .flatMap((text) => (alphabets[encoding].test(text) ? [Buffer.from(text, encoding)] : []));
  if (signatures.length === 0) return "MALFORMED_SIGNATURE";
  // All are compared, so that the time does not tell which one matched.
  const matches = expected.flatMap((mac) => signatures.map((one) => one.length === mac.length && timingSafeEqual(one, mac)));
  return matches.includes(true) ? null : "WRONG_SIGNATURE";
}
