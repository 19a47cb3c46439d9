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

/** Time after which a failed renewal is repeated. */
const RETRY_MS = 5_000;

/** Minimum time between two logins because of refused requests. */
const FORCED_LOGIN_MS = 30_000;

interface Session {
  readonly token: string;
  readonly isRenewable: boolean;
  /** Validity at the login, in milliseconds. 0: it does not expire. */
  readonly fullMs: number;
  readonly renewAt: number;
  readonly expiresAt: number;
}

interface LoginState {
  session: Session | undefined;
  /** The login or renewal under way, which callers at the same time share. */
  pending: Promise<Session> | undefined;
  /** Why the last login or renewal failed, although the token is still valid. */
  problem: unknown;
  /** The last login because of a refused request. Undefined result: the server accepts the token, and refuses only the request. */
  forced: Promise<Session | undefined> | undefined;
  forcedAt: number;
}

/** States live as long as the configuration that they belong to: one per process. */
const states = new WeakMap<VaultConfig, LoginState>();

function stateOf(vault: VaultConfig): LoginState {
  const known = states.get(vault);
  if (known !== undefined) return known;
  const state = { session: undefined, pending: undefined, problem: undefined, forced: undefined, forcedAt: Number.NEGATIVE_INFINITY };
  states.set(vault, state);
  return state;
}

/** A token that is valid now. */
export interface VaultToken {
  readonly token: string;
  /** Time at which it ends, and leases with it, in milliseconds since 1970. Infinity: it does not end, or only its file's owner knows. */
  readonly expiresAt: number;
  /** Why it could not be renewed, or replaced by another login. It is tried again. */
  readonly problem?: unknown;
}

/**
 * Returns a valid token. The file of a token is read each time, because agents replace it before the token expires. A token from a login is renewed in time.
 * At the end of its longest validity, Weft logs in again. A failure changes nothing as long as the token is valid.
 * @throws ConfigError if the login is refused or its file cannot be read; StartRefused if the server cannot be reached
 */
export async function vaultToken(vault: VaultConfig): Promise<VaultToken> {
  const { login } = vault;
  if (login.kind === "token") return { token: readCredential(login.file, "WEFT_VAULT_TOKEN_FILE"), expiresAt: Number.POSITIVE_INFINITY };
  const state = stateOf(vault);
  if (state.session === undefined || Date.now() >= state.session.renewAt) {
    state.pending ??= nextSession(vault, state).finally(() => (state.pending = undefined));
    await state.pending;
  }
  const { session, problem } = state;
  if (session === undefined) throw new Error("A login has no session.");
  return { token: session.token, expiresAt: session.expiresAt, ...(problem !== undefined && { problem }) };
}

/**
 * Returns another token after a request was refused with this one. Undefined if there is none: the token is that of a file, or still valid, so that its
 * policies do not allow the request. Of a token that the server has ended, nobody can tell that, so Weft asks for it; a role whose policies forbid asking
 * gets another token, too, and at most one in a while.
 * @returns the token, and what makes it that of the process, after a request with it has succeeded
 * @throws as `vaultToken`
 */
export async function otherVaultToken(
  vault: VaultConfig,
  refused: string,
): Promise<{ readonly token: string; readonly keep: () => void } | undefined> {
  if (vault.login.kind === "token") return undefined;
  const state = stateOf(vault);
  const { session } = state;
  if (session !== undefined && session.token !== refused) return { token: session.token, keep: () => undefined };
  if (state.forced === undefined || Date.now() >= state.forcedAt + FORCED_LOGIN_MS) {
    void state.forced?.then((unused) => endUnused(vault, unused), ignore);
    state.forcedAt = Date.now();
    state.forced = isEnded(vault, refused).then((ended) => (ended ? logIn(vault) : undefined));
  }
  const other = await state.forced;
  if (other === undefined || other.token === refused) return undefined;
  return {
    token: other.token,
    keep: () => {
      if (state.session?.token === refused) state.session = other;
    },
  };
}

/** Ends the tokens that Weft has got from logins, and what the server has created for them. */
export async function endVaultLogin(vault: VaultConfig): Promise<void> {
  const state = states.get(vault);
  if (state === undefined) return;
  states.delete(vault);
  await state.pending?.catch(ignore);
  const opened = [state.session, await state.forced?.catch(ignore)];
  const tokens = new Set(opened.flatMap((session) => (session === undefined ? [] : [session.token])));
  await Promise.all([...tokens].map((token) => endToken(vault, token)));
}

const ignore = (): undefined => undefined;

async function endUnused(vault: VaultConfig, unused: Session | undefined): Promise<void> {
  if (unused !== undefined && unused.token !== states.get(vault)?.session?.token) await endToken(vault, unused.token);
}

/** If that fails, the server ends it in its time. */
async function endToken(vault: VaultConfig, token: string): Promise<void> {
  await requestVault(vault, { method: "POST", path: "auth/token/revoke-self", body: {} }, token).catch(ignore);
}

/** Whether the server does not know the token any more. */
async function isEnded(vault: VaultConfig, token: string): Promise<boolean> {
  try {
    await requestVault(vault, { method: "GET", path: "auth/token/lookup-self" }, token);
    return false;
  } catch (error) {
    if (error instanceof VaultRefusal && error.status === 403) return true;
    throw error;
  }
}

async function nextSession(vault: VaultConfig, state: LoginState): Promise<Session> {
  const { session: known } = state;
  try {
    const isValid = known !== undefined && Date.now() < known.expiresAt;
    const renewed = isValid && known.isRenewable ? await renew(vault, known) : undefined;
    state.session = renewed ?? (await logIn(vault));
    state.problem = undefined;
    return state.session;
  } catch (error) {
    const now = Date.now();
    if (known === undefined || now >= known.expiresAt) throw error;
    state.problem = error;
    state.session = { ...known, renewAt: now + Math.min(RETRY_MS, (known.expiresAt - now) / 2) };
    return state.session;
  }
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
  const validMs = seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1_000;
  return { token, isRenewable, fullMs, renewAt: Date.now() + validMs * RENEWED_AFTER, expiresAt: Date.now() + validMs };
}

function readCredential(file: string, setting: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new ConfigError([`${setting}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`]);
  }
}
