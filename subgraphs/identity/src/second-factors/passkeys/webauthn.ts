/** The WebAuthn protocol: what browsers get, and what they send. Knows nothing of users, sessions and the database. */
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { cose, decodeAttestationObject, decodeClientDataJSON, isoBase64URL, isoCBOR } from "@simplewebauthn/server/helpers";
import { BadUserInput } from "@weft/shared/errors";
import { bytesToUuid, isUuid, uuidToBytes } from "@weft/shared/ids";
import type { Config } from "@weft/platform/config";
import { z } from "zod";
import { challengeSeconds } from "./challenge.js";

type RelyingParty = NonNullable<Config["passkeys"]>;

/** Owner of a passkey. IDs are UUIDs. */
export interface Owner {
  readonly tenantId: string;
  readonly userId: string;
}

/** A passkey as browsers know it. */
export interface Credential {
  /** base64url. */
  readonly credentialId: string;
  readonly transports: readonly string[];
}

/** Those that every authenticator has one of, without options whose support depends on the runtime. */
const algorithms = [cose.COSEALG.EdDSA, cose.COSEALG.ES256, cose.COSEALG.RS256];
const timeoutMs = challengeSeconds * 1000;
/** The browser checks who the user is, by a fingerprint or a PIN: a passkey is two factors. */
const userVerification = "required";

/** Returns the handle by which an authenticator files a passkey. It is no secret, and says nothing about the user. */
const userHandleOf = ({ tenantId, userId }: Owner): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat([uuidToBytes(tenantId), uuidToBytes(userId)]));

/** Returns the owner that a handle names. Anybody can send any handle. Null if it is none of ours. */
export function readUserHandle(handle: string | null): Owner | null {
  const bytes = Buffer.from(handle ?? "", "base64url");
  if (bytes.length !== 32) return null;
  const owner = { tenantId: bytesToUuid(bytes.subarray(0, 16)), userId: bytesToUuid(bytes.subarray(16)) };
  return isUuid(owner.tenantId) && isUuid(owner.userId) ? owner : null;
}

const described = (credentials: readonly Credential[]): { id: string; transports: string[] }[] =>
  credentials.map(({ credentialId, transports }) => ({ id: credentialId, transports: [...transports] }));

/** Returns the options of `navigator.credentials.create`, as JSON. @param known passkeys of the user, which are not created again */
export function registrationOptions(
  { rpId }: RelyingParty,
  {
    owner,
    challenge,
    known,
    ...names
  }: {
    readonly owner: Owner;
    readonly challenge: Uint8Array<ArrayBuffer>;
    readonly known: readonly Credential[];
    readonly rpName: string;
    readonly userName: string;
    readonly userDisplayName: string;
  },
): Promise<object> {
  return generateRegistrationOptions({
    ...names,
    rpID: rpId,
    userID: userHandleOf(owner),
    challenge,
    timeout: timeoutMs,
    attestationType: "none",
    excludeCredentials: described(known),
    authenticatorSelection: { residentKey: "required", userVerification },
    supportedAlgorithmIDs: algorithms,
  });
}

/** Returns the options of `navigator.credentials.get`, as JSON. @param allowed if omitted, the user chooses among all of this domain */
export function assertionOptions(
  { rpId }: RelyingParty,
  { challenge, allowed }: { readonly challenge: Uint8Array<ArrayBuffer>; readonly allowed?: readonly Credential[] },
): Promise<object> {
  return generateAuthenticationOptions({
    rpID: rpId,
    challenge,
    timeout: timeoutMs,
    userVerification,
    ...(allowed && { allowCredentials: described(allowed) }),
  });
}

const base64url = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[\w-]+$/);
/** 1,023 bytes at most, according to WebAuthn. */
const credentialId = base64url(1_364);
const clientDataJSON = base64url(8_192);

const registrationSchema = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal("public-key"),
  response: z.object({
    clientDataJSON,
    attestationObject: base64url(65_536),
    transports: z
      .array(z.string().regex(/^[a-z-]{1,20}$/))
      .max(10)
      .optional(),
  }),
});

const assertionSchema = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal("public-key"),
  response: z.object({
    clientDataJSON,
    authenticatorData: base64url(8_192),
    signature: base64url(8_192),
    userHandle: base64url(128).nullish(),
  }),
});

/** The answer of a browser to the options of a registration. */
export type Registration = z.infer<typeof registrationSchema>;
/** The answer of a browser to the options of an assertion. */
export type Assertion = z.infer<typeof assertionSchema>;

/** Checks the form of a registration. @throws BadUserInput */
export function readRegistration(value: unknown, path: string): Registration {
  const { success, data } = registrationSchema.safeParse(value);
  if (success) return data;
  throw new BadUserInput([{ path, message: "This is not the result of navigator.credentials.create as JSON." }]);
}

/** Checks the form of an assertion. @throws BadUserInput */
export function readAssertion(value: unknown, path: string): Assertion {
  const { success, data } = assertionSchema.safeParse(value);
  if (success) return data;
  throw new BadUserInput([{ path, message: "This is not the result of navigator.credentials.get as JSON." }]);
}

/** Returns the challenge that a browser has answered, in base64url. Null if the answer has none, or comes from a page in a frame of another site. */
export function answeredChallenge({ response }: Registration | Assertion): string | null {
  try {
    const { challenge, crossOrigin } = decodeClientDataJSON(response.clientDataJSON);
    return typeof challenge === "string" && crossOrigin !== true ? challenge : null;
  } catch {
    return null;
  }
}

/** A passkey that a browser has created. */
export interface CreatedCredential extends Credential {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly signCount: number;
  readonly isSyncable: boolean;
  readonly isBackedUp: boolean;
}

/** Verifies a registration. Returns null if it is for another domain, page or challenge, without verification of the user, or not valid. */
export async function verifyRegistration(
  { rpId, origins }: RelyingParty,
  registration: Registration,
  expectedChallenge: string,
): Promise<CreatedCredential | null> {
  try {
    const { clientDataJSON: clientData, attestationObject, transports = [] } = registration.response;
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        ...registration,
        response: { clientDataJSON: clientData, attestationObject: withoutStatement(attestationObject) },
        clientExtensionResults: {},
      },
      expectedChallenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    });
    if (!verified) return null;
    const { credential, credentialDeviceType, credentialBackedUp } = registrationInfo;
    return {
      credentialId: credential.id,
      publicKey: credential.publicKey,
      signCount: credential.counter,
      transports: [...new Set(transports)],
      isSyncable: credentialDeviceType === "multiDevice",
      isBackedUp: credentialBackedUp,
    };
  } catch {
    // The library throws for whatever does not fit. Nothing here depends on anything but the answer.
    return null;
  }
}

/**
 * Returns the attestation object without its statement about the maker of the authenticator. Weft asks for none. Verifying one would mean to fetch
 * revocation lists from addresses that the sender chooses.
 */
function withoutStatement(attestationObject: string): string {
  const authData = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject)).get("authData");
  return isoBase64URL.fromBuffer(
    isoCBOR.encode(
      new Map<string, string | Map<string, never> | Uint8Array>([
        ["fmt", "none"],
        ["attStmt", new Map<string, never>()],
        ["authData", authData],
      ]),
    ),
  );
}

/** What an authenticator has signed. */
export interface Signed {
  readonly signCount: number;
  readonly isBackedUp: boolean;
}

/**
 * Verifies an assertion with the key of its passkey. Returns null if it is for another domain, page or challenge, without verification of the user, or
 * not signed with this key. The caller compares the signature counter.
 */
export async function verifyAssertion(
  { rpId, origins }: RelyingParty,
  { id, rawId, type, response }: Assertion,
  { publicKey, expectedChallenge }: { readonly publicKey: Uint8Array; readonly expectedChallenge: string },
): Promise<Signed | null> {
  const { userHandle, ...signed } = response;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { id, rawId, type, response: { ...signed, ...(userHandle && { userHandle }) }, clientExtensionResults: {} },
      expectedChallenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      // With 0, the library compares nothing.
      credential: { id, publicKey: new Uint8Array(publicKey), counter: 0 },
    });
    return verified ? { signCount: authenticationInfo.newCounter, isBackedUp: authenticationInfo.credentialBackedUp } : null;
  } catch {
    return null;
  }
}
