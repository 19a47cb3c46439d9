/** Identification of the installation to push services (VAPID, RFC 8292). */
import { createECDH, createPrivateKey, hkdfSync, type KeyObject, sign } from "node:crypto";
import type { Keys } from "@weft/platform/config";

export interface VapidKeys {
  /** Uncompressed point, base64url: the `applicationServerKey` of a browser's subscription. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

/** Order of the curve P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const LABEL = "weft web push vapid 1";
/** Push services accept at most a day. */
const TOKEN_SECONDS = 12 * 3600;

const known = new WeakMap<Buffer, VapidKeys>();

/** Returns the keys of the installation. They are derived from its secret, so that all processes have the same ones. */
export function vapidKeysOf({ refresh }: Pick<Keys, "refresh">): VapidKeys {
  const cached = known.get(refresh);
  if (cached !== undefined) return cached;
  // More bytes than the order has, so that all private keys are equally likely.
  const bytes = Buffer.from(hkdfSync("sha256", refresh, "", LABEL, 48));
  const scalar = (BigInt(`0x${bytes.toString("hex")}`) % (ORDER - 1n)) + 1n;
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(scalar.toString(16).padStart(64, "0"), "hex");
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const d = ecdh.getPrivateKey();
  const padded = Buffer.concat([Buffer.alloc(32 - d.length), d]).toString("base64url");
  const key = { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "", d: padded };
  const keys = { publicKey: point.toString("base64url"), privateKey: createPrivateKey({ key, format: "jwk" }) };
  known.set(refresh, keys);
  return keys;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/**
 * Returns the `Authorization` header of a request to a push service.
 * @param contact URL or `mailto:` address by which the push service can reach the operators
 */
export function vapidAuthorization(
  { publicKey, privateKey }: VapidKeys,
  { endpoint, contact }: { readonly endpoint: string; readonly contact: string },
): string {
  const claims = { aud: new URL(endpoint).origin, exp: Math.floor(Date.now() / 1000) + TOKEN_SECONDS, sub: contact };
  const signed = `${part({ typ: "JWT", alg: "ES256" })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `vapid t=${signed}.${signature.toString("base64url")}, k=${publicKey}`;
}
