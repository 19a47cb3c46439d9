import { ConfigError } from "../config-error.js";
import type { VaultConfig } from "../config.js";
import { StartRefused } from "../start-refused.js";
import { endVaultLogin, RENEWED_AFTER, vaultToken } from "../vault-login.js";
import type { VaultContents } from "./secret-sources.js";
import { type Lease, type PathSecret, readVaultPath, renewLease, revokeLease } from "./vault-path.js";

/** Logger that following needs. A pino logger is suitable. */
export interface FollowLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

interface PathsOptions {
  /** Undefined if no secret is in a server. */
  readonly vault: VaultConfig | undefined;
  /** What the values in use were made of. */
  readonly secrets: ReadonlyMap<string, PathSecret>;
  /** The setting that a path belongs to, for messages. */
  readonly settingOf: (path: string) => string;
}

/** A secret of the server, and when it is looked at again. */
interface FollowedPath {
  secret: PathSecret;
  dueAt: number;
  expiresAt: number;
  /** Failures since the last success. */
  failures: number;
  problem: string | null;
  /** What was in use before `secret`, whose values have not been checked yet. */
  former: { readonly secret: PathSecret; readonly expiresAt: number } | undefined;
  reading: Promise<void> | undefined;
}

/** After a failure. Less than the time for which leases are renewed early. */
const RETRY_MS = 5_000;
const LAST_RETRY_MS = 60_000;

/** Follows secrets of a Vault-compatible server: reads them again, renews leases, and gets others before they end. */
export class FollowedPaths {
  readonly #options: PathsOptions;
  readonly #paths: Map<string, FollowedPath>;
  /** Leases whose credentials can still be in use. */
  readonly #former = new Set<Lease>();
  #log: FollowLog | undefined;
  #vaultMs = 60_000;
  #tokenExpiresAt = Number.POSITIVE_INFINITY;
  #loginProblem: string | null = null;

  constructor(options: PathsOptions) {
    this.#options = options;
    this.#paths = new Map(
      [...options.secrets].map(([path, secret]) => [
        path,
        { secret, dueAt: 0, expiresAt: endOf(secret), failures: 0, problem: null, former: undefined, reading: undefined },
      ]),
    );
  }

  /** @param vaultMs interval at which secrets without a lease are read */
  start(log: FollowLog, vaultMs: number): void {
    this.#log = log;
    this.#vaultMs = vaultMs;
    for (const followed of this.#paths.values()) followed.dueAt = this.#dueAt(followed.secret);
  }

  get contents(): VaultContents {
    return new Map([...this.#paths].map(([path, { secret }]) => [path, secret.content]));
  }

  stateOf(path: string): { readonly problem: string | null; readonly expiresAt: number | null } {
    const { problem = null, secret, expiresAt = Number.POSITIVE_INFINITY } = this.#paths.get(path) ?? {};
    const end = secret?.lease === undefined ? expiresAt : Math.min(expiresAt, this.#tokenExpiresAt);
    return { problem: problem ?? this.#loginProblem, expiresAt: end === Number.POSITIVE_INFINITY ? null : end };
  }

  /** Reads and renews what is due. */
  async look(): Promise<void> {
    const { vault } = this.#options;
    if (vault === undefined) return;
    const token = await this.#currentToken(vault);
    await Promise.all([...this.#paths.keys()].map((path) => this.#lookAt(vault, path, { token })));
  }

  /** Reads a path now. */
  async readNow(path: string): Promise<void> {
    const { vault } = this.#options;
    if (vault !== undefined) await this.#lookAt(vault, path, { isForced: true });
  }

  /** Paths that were read anew, whose values have not been checked. */
  undecided(): string[] {
    return [...this.#paths].flatMap(([path, { former }]) => (former === undefined ? [] : [path]));
  }

  /** The values are taken over. @returns a function that ends the former lease, for when nothing uses it any more */
  accept(path: string): () => Promise<void> {
    const followed = this.#paths.get(path);
    const lease = followed?.former?.secret.lease;
    if (followed) Object.assign(followed, { former: undefined, failures: 0 });
    return async () => {
      if (lease !== undefined && this.#former.delete(lease)) await this.#revoke(lease);
    };
  }

  /** The values cannot be used: those in use remain. @param reason sentence without a value */
  async refuse(path: string, reason: string): Promise<void> {
    const followed = this.#paths.get(path);
    if (followed?.former === undefined) return;
    const { lease } = followed.secret;
    const { former } = followed;
    if (former.secret.lease !== undefined) this.#former.delete(former.secret.lease);
    Object.assign(followed, former, { former: undefined, problem: reason });
    this.#postpone(followed);
    // The server can't give the same credentials again, so that each attempt creates others.
    await this.#revoke(lease);
  }

  /** Tells the server to delete what it has created for this process. */
  async stop(): Promise<void> {
    const { vault } = this.#options;
    if (vault === undefined) return;
    for (const { reading } of this.#paths.values()) await reading;
    const leases = new Set([...this.#former, ...[...this.#paths.values()].map(({ secret }) => secret.lease)]);
    this.#former.clear();
    this.#paths.clear();
    await Promise.all([...leases].map((lease) => this.#revoke(lease)));
    await endVaultLogin(vault);
  }

  async #currentToken(vault: VaultConfig): Promise<string | undefined> {
    let reason: string | null = null;
    let token: string | undefined;
    try {
      const current = await vaultToken(vault);
      token = current.token;
      this.#tokenExpiresAt = current.expiresAt;
      if (current.problem !== undefined) reason = reasonOf(current.problem);
    } catch (error) {
      reason = reasonOf(error);
    }
    if (reason !== this.#loginProblem && reason !== null)
      this.#log?.error({ reason }, "the login at the server of secrets fails; the last values remain in use");
    this.#loginProblem = reason;
    return token;
  }

  async #lookAt(
    vault: VaultConfig,
    path: string,
    { token, isForced = false }: { readonly token?: string | undefined; readonly isForced?: boolean },
  ): Promise<void> {
    const followed = this.#paths.get(path);
    if (followed === undefined) return;
    const { lease } = followed.secret;
    // The server ends what it has created together with the token of its creation.
    const isLost = lease !== undefined && token !== undefined && token !== lease.token;
    const isDue = isForced || Date.now() >= followed.dueAt || (isLost && followed.failures === 0);
    if (!isDue) return followed.reading;
    const isRenewed = lease !== undefined && !isLost && !isForced;
    followed.reading ??= this.#read(vault, path, { followed, isRenewed }).finally(() => (followed.reading = undefined));
    await followed.reading;
  }

  async #read(
    vault: VaultConfig,
    path: string,
    { followed, isRenewed }: { readonly followed: FollowedPath; readonly isRenewed: boolean },
  ): Promise<void> {
    const setting = this.#options.settingOf(path);
    const { secret: before, expiresAt } = followed;
    try {
      const renewed = isRenewed && before.lease ? await renewLease(vault, before.lease, setting) : undefined;
      const secret = renewed === undefined ? await readVaultPath(vault, path, setting) : { ...before, lease: renewed };
      if (renewed === undefined && before.lease !== undefined) {
        this.#former.add(before.lease);
        // If the one before was not checked yet, it was never in use.
        followed.former ??= { secret: before, expiresAt };
      }
      if (followed.problem !== null) this.#log?.info({ setting }, "the secret can be read again");
      Object.assign(followed, { secret, dueAt: this.#dueAt(secret), expiresAt: endOf(secret), problem: null });
      if (followed.former === undefined) followed.failures = 0;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== followed.problem)
        this.#log?.error({ setting, reason }, "a secret cannot be read again; the last value remains in use");
      followed.problem = reason;
      followed.failures++;
      followed.dueAt = Date.now() + Math.min(RETRY_MS, this.#vaultMs);
    }
  }

  #postpone(followed: FollowedPath): void {
    followed.dueAt = Date.now() + Math.min(RETRY_MS * 2 ** followed.failures, LAST_RETRY_MS);
    followed.failures++;
  }

  async #revoke(lease: Lease | undefined): Promise<void> {
    const { vault } = this.#options;
    if (lease === undefined || vault === undefined) return;
    // If that fails, the server ends the lease in its time.
    await revokeLease(vault, lease, "WEFT_VAULT_URL").catch((error: unknown) =>
      this.#log?.warn({ err: error }, "the server of secrets could not end a lease"),
    );
  }

  #dueAt({ lease }: PathSecret): number {
    return Date.now() + (lease === undefined ? this.#vaultMs : lease.seconds * 1_000 * RENEWED_AFTER);
  }
}

const endOf = ({ lease }: PathSecret): number => (lease === undefined ? Number.POSITIVE_INFINITY : Date.now() + lease.seconds * 1_000);

const reasonOf = (error: unknown): string =>
  error instanceof ConfigError ? error.problems.join("; ") : error instanceof StartRefused ? error.message : "It cannot be read.";
