import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** JSON that a browser makes of a credential. */
export type CredentialJson = Readonly<Record<string, unknown>> & { readonly id: string };

/** What a browser and an authenticator do differently, as an attacker's would. */
export interface Deviation {
  /** Page that asks. */
  readonly origin?: string;
  /** Domain that is asked for. */
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  /** Whether a fingerprint or a PIN was checked. */
  readonly isVerified?: boolean;
  readonly userHandle?: string;
  /** Of the signature. Otherwise one more than before. */
  readonly signCount?: number;
  /** Of a new credential, such as one that somebody else has. */
  readonly credentialId?: string;
}

interface Options {
  readonly challenge: string;
  readonly rpId?: string;
  readonly rp?: { readonly id?: string };
  readonly user?: { readonly id: string };
  readonly allowCredentials?: readonly { readonly id: string }[];
}

const flags = { present: 1, verified: 4, backupEligible: 8, backedUp: 16, hasCredential: 64 } as const;
const sha256 = (data: string | Uint8Array): Buffer => createHash("sha256").update(data).digest();
const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString("base64url");

/** A text or bytes in CBOR (RFC 8949), in the shortest form, up to 65,535 bytes long. */
function cbor(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const major = typeof value === "string" ? 0x60 : 0x40;
  const { length } = bytes;
  const head = length < 24 ? [major | length] : length < 256 ? [major | 24, length] : [major | 25, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** The public key in COSE: EC2, ES256, P-256, x, y. */
function coseKey(publicKey: KeyObject): Buffer {
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const coordinate = (label: number, value: string): Buffer => Buffer.concat([Buffer.from([label]), cbor(Buffer.from(value, "base64url"))]);
  return Buffer.concat([Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01]), coordinate(0x21, x), coordinate(0x22, y)]);
}

/**
 * A browser with an authenticator for passkeys (ES256, attestation "none"), written independently of the server's library. Libraries for this exist, but
 * they are as careful as browsers, and tests need one that lies.
 */
export class SoftwareAuthenticator {
  readonly #credentials = new Map<
    string,
    { readonly key: KeyObject; readonly userHandle: string; readonly rpId: string; signCount: number }
  >();
  readonly #origin: string;
  readonly #isSynced: boolean;

  /** @param options `isSynced`: like a password manager, which synchronizes passkeys and does not count their uses */
  constructor(origin: string, { isSynced = false }: { readonly isSynced?: boolean } = {}) {
    this.#origin = origin;
    this.#isSynced = isSynced;
  }

  /** IDs of its passkeys, oldest first. */
  get credentialIds(): string[] {
    return [...this.#credentials.keys()];
  }

  /** Does what `navigator.credentials.create` does. @param options of `startPasskeyRegistration` */
  create(options: unknown, deviation: Deviation = {}): CredentialJson {
    const { challenge, rp, user } = options as Options;
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const credentialId = deviation.credentialId ?? randomBytes(32).toString("base64url");
    const rpId = rp?.id ?? "";
    const signCount = deviation.signCount ?? 0;
    this.#credentials.set(credentialId, { key: privateKey, userHandle: user?.id ?? "", rpId, signCount });
    const id = Buffer.from(credentialId, "base64url");
    const authData = Buffer.concat([
      this.#authenticatorData({ rpId, signCount, isNew: true }, deviation),
      Buffer.alloc(16),
      Buffer.from([id.length >> 8, id.length & 255]),
      id,
      coseKey(publicKey),
    ]);
    const attestation = [cbor("fmt"), cbor("none"), cbor("attStmt"), Buffer.from([0xa0]), cbor("authData"), cbor(authData)];
    return {
      id: credentialId,
      rawId: credentialId,
      type: "public-key",
      authenticatorAttachment: "platform",
      clientExtensionResults: { credProps: { rk: true } },
      response: {
        clientDataJSON: base64url(this.#clientData("webauthn.create", challenge, deviation)),
        attestationObject: base64url(Buffer.concat([Buffer.from([0xa3]), ...attestation])),
        transports: ["internal"],
      },
    };
  }

  /** Does what `navigator.credentials.get` does, with its newest passkey that fits. @param options of `startPasskeyLogin` or `startPasskeyAssertion` */
  get(options: unknown, deviation: Deviation = {}): CredentialJson {
    const { challenge, rpId = "", allowCredentials } = options as Options;
    const wanted = deviation.credentialId ?? this.credentialIds.findLast((id) => allowCredentials?.some((one) => one.id === id) ?? true);
    const credential = this.#credentials.get(wanted ?? "");
    if (wanted === undefined || !credential) throw new Error("The authenticator has no passkey for this.");
    credential.signCount = deviation.signCount ?? (this.#isSynced ? 0 : credential.signCount + 1);
    const authenticatorData = this.#authenticatorData({ rpId, signCount: credential.signCount, isNew: false }, deviation);
    const clientData = this.#clientData("webauthn.get", challenge, deviation);
    return {
      id: wanted,
      rawId: wanted,
      type: "public-key",
      authenticatorAttachment: "platform",
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(clientData),
        authenticatorData: base64url(authenticatorData),
        signature: base64url(sign("sha256", Buffer.concat([authenticatorData, sha256(clientData)]), credential.key)),
        userHandle: deviation.userHandle ?? credential.userHandle,
      },
    };
  }

  #clientData(type: string, challenge: string, deviation: Deviation): string {
    const { origin = this.#origin, crossOrigin = false } = deviation;
    return JSON.stringify({ type: deviation.type ?? type, challenge: deviation.challenge ?? challenge, origin, crossOrigin });
  }

  #authenticatorData(
    { rpId, signCount, isNew }: { readonly rpId: string; readonly signCount: number; readonly isNew: boolean },
    { rpId: otherRpId, isVerified = true }: Deviation,
  ): Buffer {
    const synced = this.#isSynced ? flags.backupEligible | flags.backedUp : 0;
    const head = Buffer.alloc(5);
    head.writeUInt8(flags.present | (isVerified ? flags.verified : 0) | synced | (isNew ? flags.hasCredential : 0));
    head.writeUInt32BE(signCount, 1);
    return Buffer.concat([sha256(otherRpId ?? rpId), head]);
  }
}
