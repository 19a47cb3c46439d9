/** How Weft authenticates at Vault-compatible servers: with the token of a file, or with a token that it gets and renews itself. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigError } from "./config-error.js";
import type { VaultConfig, VaultLogin } from "./config.js";
import { requestVault, VaultRefusal } from "./vault-request.js";

const authSchema = z.object({
  auth: z.object({ client_token: z.string().min(1), lease_duration: z.number().nonnegative(), renewable: z.boolean() }),
});

/** Part of the validity of a token or a lease after which it is renewed. */
export const RENEWED_AFTER = 2 / 3;

interface Session {
  readonly token: string;
  readonly isRenewable: boolean;
  /** Validity at the login, in milliseconds. 0: it does not expire. */
  readonly fullMs: number;
  readonly renewAt: number;
}

/** Sessions live as long as the configuration that they were opened for: one per process. */
const sessions = new WeakMap<VaultConfig, Promise<Session>>();

/**
 * Returns a valid token. The file of a token is read each time, because agents replace it before the token expires. A token from a login is renewed in time.
 * At the end of its longest validity, or if `refused` is the current one, Weft logs in again.
 * @throws ConfigError if the login is refused or its file cannot be read; StartRefused if the server cannot be reached
 */
export async function vaultToken(vault: VaultConfig, refused?: string): Promise<string> {
  const { login } = vault;
  if (login.kind === "token") return readCredential(login.file, "WEFT_VAULT_TOKEN_FILE");
  const known = await sessions.get(vault)?.catch(() => undefined);
  if (known !== undefined && known.token !== refused && Date.now() < known.renewAt) return known.token;
  const next = nextSession(vault, known?.token === refused ? undefined : known);
  // Callers at the same time share one login.
  sessions.set(vault, next);
  return (await next).token;
}

/** Whether Weft can get another token if the server refuses this one. */
export const canLogInAgain = ({ login }: VaultConfig): boolean => login.kind !== "token";

async function nextSession(vault: VaultConfig, known: Session | undefined): Promise<Session> {
  const renewed = known?.isRenewable === true ? await renew(vault, known) : undefined;
  return renewed ?? logIn(vault);
}

/** Undefined if the token cannot be renewed, or only for a short time, because its longest validity ends. */
async function renew(vault: VaultConfig, session: Session): Promise<Session | undefined> {
  try {
    const { body } = await requestVault(vault, { method: "POST", path: "auth/token/renew-self", body: {} }, session.token);
    const parsed = authSchema.safeParse(body);
    if (!parsed.success || parsed.data.auth.lease_duration * 1_000 < session.fullMs * RENEWED_AFTER) return undefined;
    return sessionOf(parsed.data.auth, session.fullMs);
  } catch (error) {
    if (error instanceof VaultRefusal) return undefined;
    throw error;
  }
}

async function logIn(vault: VaultConfig): Promise<Session> {
  const { login } = vault;
  if (login.kind === "token") throw new Error("A token from a file needs no login.");
  const { setting, body } = credentialsOf(login);
  try {
    const answer = await requestVault(vault, { method: "POST", path: `auth/${login.mount}/login`, body });
    const parsed = authSchema.safeParse(answer.body);
    if (!parsed.success) throw new ConfigError([`${setting}: ${vault.url} has no login at auth/${login.mount} (WEFT_VAULT_LOGIN_MOUNT)`]);
    return sessionOf(parsed.data.auth);
  } catch (error) {
    if (error instanceof VaultRefusal)
      throw new ConfigError([`${setting}: the login at auth/${login.mount} was refused: ${error.message}`]);
    throw error;
  }
}

type OwnLogin = Exclude<VaultLogin, { readonly kind: "token" }>;

function credentialsOf(login: OwnLogin): { readonly setting: string; readonly body: object } {
  if (login.kind === "approle") {
    const setting = "WEFT_VAULT_SECRET_ID_FILE";
    return { setting, body: { role_id: login.roleId, secret_id: readCredential(login.secretIdFile, setting) } };
  }
  const jwt = readCredential(login.tokenFile, "WEFT_VAULT_KUBERNETES_TOKEN_FILE");
  return { setting: "WEFT_VAULT_KUBERNETES_ROLE", body: { role: login.role, jwt } };
}

function sessionOf(
  { client_token: token, renewable: isRenewable, lease_duration: seconds }: z.infer<typeof authSchema>["auth"],
  fullMs = seconds * 1_000,
): Session {
  const renewAt = seconds === 0 ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1_000 * RENEWED_AFTER;
  return { token, isRenewable, fullMs, renewAt };
}

function readCredential(file: string, setting: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new ConfigError([`${setting}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`]);
  }
}
