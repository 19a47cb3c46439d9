import { createHmac } from "node:crypto";
import { fromBase32 } from "@weft/platform/tokens";
import type { ApiClient } from "@weft/standalone";
import { type CredentialJson, SoftwareAuthenticator } from "./software-authenticator.js";
import type { TestUser } from "./test-user.js";

/** Returns the current code of an authenticator app (RFC 6238). Written independently of the server's library. */
export function totpCode(secret: string, nowMs = Date.now()): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / 30_000)));
  const digest = createHmac("sha1", fromBase32(secret.toLowerCase()) ?? Buffer.alloc(0))
    .update(counter)
    .digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Begins the enrolment of an authenticator app. Returns its secret. @param factor a second factor that the user already has */
export async function beginTotp(user: TestUser, factor?: object): Promise<string> {
  const { enrolTotp } = await user.run<{ enrolTotp: { secret: string } }>(
    "mutation ($factor: SecondFactorCodeInput) { enrolTotp(input: $factor) { secret } }",
    { factor },
  );
  return enrolTotp.secret;
}

/** Gives a user an authenticator app, and uses its current code up. Returns the secret and the recovery codes. */
export async function enrolTotp(user: TestUser, factor?: object): Promise<{ secret: string; recoveryCodes: string[] }> {
  const secret = await beginTotp(user, factor);
  const { confirmTotp } = await user.run<{ confirmTotp: { recoveryCodes: string[] } }>(
    "mutation ($code: String!) { confirmTotp(input: { code: $code }) { recoveryCodes } }",
    { code: totpCode(secret) },
  );
  return { secret, recoveryCodes: confirmTotp.recoveryCodes };
}

/** Sends the password of a user with a second factor. Returns the token for `completeLogin`. */
export async function pendingLogin(user: TestUser): Promise<string> {
  const { extensions } = await user.refused(
    "mutation ($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { accessToken } }",
    { login: user.login, password: user.password },
  );
  return String(extensions?.["mfaToken"]);
}

/** Origin of the pages that use passkeys, if a test sets no others. */
export const passkeyOrigin = "http://localhost:4000";

/** Begins the registration of a passkey. Returns what the browser answers. @param factor a second factor that the user already has */
export async function beginPasskey(
  user: Pick<ApiClient, "run">,
  authenticator = new SoftwareAuthenticator(passkeyOrigin),
  factor?: object,
): Promise<CredentialJson> {
  const { startPasskeyRegistration } = await user.run<{ startPasskeyRegistration: { options: unknown } }>(
    "mutation ($factor: SecondFactorCodeInput) { startPasskeyRegistration(input: $factor) { options } }",
    { factor },
  );
  return authenticator.create(startPasskeyRegistration.options);
}

/** Gives a user a passkey. Returns its authenticator, its ID, and the recovery codes if it is the first second factor. */
export async function addPasskey(
  user: Pick<ApiClient, "run">,
  authenticator = new SoftwareAuthenticator(passkeyOrigin),
  factor?: object,
): Promise<{ authenticator: SoftwareAuthenticator; id: string; recoveryCodes: string[] | null }> {
  const { registerPasskey } = await user.run<{ registerPasskey: { passkey: { id: string }; recoveryCodes: string[] | null } }>(
    'mutation ($response: JSON!) { registerPasskey(input: { response: $response, name: "Phone" }) { passkey { id } recoveryCodes } }',
    { response: await beginPasskey(user, authenticator, factor) },
  );
  return { authenticator, id: registerPasskey.passkey.id, recoveryCodes: registerPasskey.recoveryCodes };
}
