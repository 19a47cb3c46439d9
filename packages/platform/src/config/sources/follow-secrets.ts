import { ConfigError } from "../config-error.js";
import type { VaultConfig } from "../config.js";
import type { SecretName } from "../settings.js";
import { StartRefused } from "../start-refused.js";
import { RENEWED_AFTER, vaultToken } from "../vault-login.js";
import type { ReplacementResult, SecretChanges, SecretState, SecretValues } from "./secret-changes.js";
import { readSecret, type SecretSource, vaultSuffix } from "./secret-sources.js";
import { type Lease, type PathSecret, readVaultPath, renewLease, revokeLease } from "./vault-path.js";

/** Logger that following needs. A pino logger is suitable. */
interface FollowLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface FollowTimes {
  /** Interval at which files are read, and leases are checked. Polls, because notifications of changes do not work on all file systems. */
  readonly intervalMs?: number;
  /** Interval at which secrets without a lease are read from the server. */
  readonly vaultMs?: number;
  /** Minimum time between two readings that `readAgain` asks for. */
  readonly againMs?: number;
}

interface FollowOptions {
  readonly sources: readonly SecretSource[];
  readonly values: ReadonlyMap<SecretName, string>;
  /** Undefined if no source is in a Vault-compatible server. */
  readonly vault: VaultConfig | undefined;
  /** What the values were made of. */
  readonly secrets: ReadonlyMap<string, PathSecret>;
  /** Returns what is wrong with other values. */
  readonly problemsOf: (values: ReadonlyMap<SecretName, string>) => string[];
}

/** A secret of the server, and when it is looked at again. */
interface Followed {
  secret: PathSecret;
  dueAt: number;
  expiresAt: number | null;
  problem: string | null;
}

interface Counted {
  adopted: number;
  refused: number;
  "after-restart": number;
}

interface Adopter {
  readonly names: readonly SecretName[];
  readonly adopt: (values: SecretValues) => void | Promise<void>;
}

/** After a failure, until the server answers again. Less than the time for which leases are renewed early. */
const RETRY_MS = 5_000;

/**
 * Follows the secrets of settings that come from files or a Vault-compatible server: reads them again, renews leases and gets others before they end, and
 * passes new values on. A value that cannot be read, or that the start would refuse, changes nothing: the last one remains in use.
 */
export class FollowedSecrets implements SecretChanges {
  readonly #options: FollowOptions;
  readonly #values: Map<SecretName, string>;
  readonly #paths: Map<string, Followed>;
  readonly #adopters = new Set<Adopter>();
  readonly #problems = new Map<SecretName, string>();
  readonly #counts = new Map<SecretName, Counted>();
  readonly #refused = new Map<SecretName, string>();
  #log: FollowLog | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<boolean> | undefined;
  #lookedAgainAt = Number.NEGATIVE_INFINITY;
  #times: Required<FollowTimes> = { intervalMs: 5_000, vaultMs: 60_000, againMs: 1_000 };

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#values = new Map(options.values);
    this.#paths = new Map([...options.secrets].map(([path, secret]) => [path, this.#followed(secret)]));
    for (const { name } of options.sources) this.#counts.set(name, { adopted: 0, refused: 0, "after-restart": 0 });
  }

  /** Begins to look. */
  start(log: FollowLog, times: FollowTimes = {}): void {
    this.#log = log;
    this.#times = { ...this.#times, ...times };
    if (this.#options.sources.length === 0) return;
    for (const followed of this.#paths.values()) followed.dueAt = this.#dueAt(followed.secret);
    this.#timer = setInterval(() => void this.#look(), this.#times.intervalMs).unref();
  }

  /** Ends looking, and tells the server to delete what it has created for this process. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all([...this.#paths.values()].map(({ secret }) => this.#revoke(secret.lease)));
    this.#paths.clear();
  }

  onReplaced(names: readonly SecretName[], adopt: Adopter["adopt"]): () => void {
    const adopter = { names, adopt };
    this.#adopters.add(adopter);
    return () => void this.#adopters.delete(adopter);
  }

  async readAgain(names: readonly SecretName[]): Promise<boolean> {
    const sources = this.#options.sources.filter(({ name }) => names.includes(name));
    if (sources.length === 0 || this.#timer === undefined) return false;
    if (this.#looking !== undefined) return this.#looking;
    if (performance.now() - this.#lookedAgainAt < this.#times.againMs) return false;
    this.#lookedAgainAt = performance.now();
    for (const { vault } of sources) {
      const followed = vault && this.#paths.get(vault.path);
      // A lease that was created for this process has not been replaced by anybody, but the server may have ended it.
      if (followed) followed.dueAt = 0;
    }
    return this.#look();
  }

  states(): SecretState[] {
    return this.#options.sources.map(({ name, vault }) => {
      const followed = vault && this.#paths.get(vault.path);
      return {
        name,
        source: vault === undefined ? "file" : "vault",
        problem: this.#problems.get(name) ?? followed?.problem ?? null,
        replacements: { ...(this.#counts.get(name) ?? { adopted: 0, refused: 0, "after-restart": 0 }) },
        expiresAt: followed?.expiresAt ?? null,
      };
    });
  }

  /** One look at a time. Returns whether something was replaced. */
  #look(): Promise<boolean> {
    this.#looking ??= this.#lookOnce().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #lookOnce(): Promise<boolean> {
    const replacedLeases = await this.#lookAtServer();
    const changed = this.#changedValues();
    const drained = changed.size > 0 ? this.#adopt(changed) : Promise.resolve();
    // What still uses the former credentials must end before the server deletes them.
    void drained.then(() => Promise.all(replacedLeases.map((lease) => this.#revoke(lease))));
    return changed.size > 0 && [...changed.keys()].some((name) => !this.#refused.has(name));
  }

  /** Returns the leases that others have replaced. */
  async #lookAtServer(): Promise<Lease[]> {
    const { vault } = this.#options;
    if (vault === undefined) return [];
    const replaced: Lease[] = [];
    const token = await vaultToken(vault).catch(() => undefined);
    await Promise.all(
      [...this.#paths].map(async ([path, followed]) => {
        const { lease } = followed.secret;
        // The server ends what it has created together with the token of its creation.
        const hasOtherToken = lease !== undefined && token !== undefined && token !== lease.token;
        if (Date.now() < followed.dueAt && !hasOtherToken) return;
        const setting = this.#settingOf(path);
        try {
          const renewed = lease && !hasOtherToken && followed.dueAt > 0 ? await renewLease(vault, lease, setting) : undefined;
          const secret = renewed === undefined ? await readVaultPath(vault, path, setting) : { ...followed.secret, lease: renewed };
          if (lease !== undefined && renewed === undefined) replaced.push(lease);
          if (followed.problem !== null) this.#log?.info({ setting }, "the secret can be read again");
          Object.assign(followed, this.#followed(secret), { dueAt: this.#dueAt(secret) });
        } catch (error) {
          this.#failed(followed, { setting, error });
        }
      }),
    );
    return replaced;
  }

  #failed(followed: Followed, { setting, error }: { readonly setting: string; readonly error: unknown }): void {
    const reason =
      error instanceof ConfigError ? error.problems.join("; ") : error instanceof StartRefused ? error.message : "It cannot be read.";
    if (reason !== followed.problem) this.#log?.error({ setting, reason }, "a secret cannot be read again; the last value remains in use");
    followed.problem = reason;
    followed.dueAt = Date.now() + Math.min(RETRY_MS, this.#times.vaultMs);
  }

  /** Values that differ from those in use, except for one that was refused already. */
  #changedValues(): Map<SecretName, string> {
    const contents = new Map([...this.#paths].map(([path, { secret }]) => [path, secret.content]));
    const changed = new Map<SecretName, string>();
    for (const source of this.#options.sources) {
      const { name } = source;
      const read = readSecret(source, contents);
      if (read === undefined) continue;
      if ("problem" in read) {
        if (this.#problems.get(name) !== read.problem)
          this.#log?.error({ setting: name, reason: read.problem }, "a secret cannot be read again; the last value remains in use");
        this.#problems.set(name, read.problem);
      } else if (read.value === this.#values.get(name)) {
        this.#problems.delete(name);
        this.#refused.delete(name);
      } else if (read.value !== this.#refused.get(name)) changed.set(name, read.value);
    }
    return changed;
  }

  /** Returns a promise that is fulfilled when the former values are no longer used. */
  async #adopt(changed: ReadonlyMap<SecretName, string>): Promise<void> {
    const names = [...changed.keys()];
    const problems = this.#options.problemsOf(new Map([...this.#values, ...changed]));
    if (problems.length > 0) {
      for (const [name, value] of changed) {
        this.#refused.set(name, value);
        this.#problems.set(name, `The new value is refused: ${problems.join("; ")}`);
        this.#count(name, "refused");
      }
      this.#log?.error({ settings: names, problems }, "a new value of a secret is refused; the last one remains in use");
      return;
    }
    for (const [name, value] of changed) {
      this.#values.set(name, value);
      this.#problems.delete(name);
      this.#refused.delete(name);
    }
    const concerned = [...this.#adopters].filter((adopter) => adopter.names.some((name) => changed.has(name)));
    for (const name of names) {
      const isAdopted = concerned.some((adopter) => adopter.names.includes(name));
      this.#count(name, isAdopted ? "adopted" : "after-restart");
      if (isAdopted) this.#log?.info({ setting: name }, "a secret was replaced; its new value is in use");
      else
        this.#log?.warn(
          { setting: name },
          "a secret was replaced, but nothing in this process uses it while it runs; it is read at the next start",
        );
    }
    await Promise.all(concerned.map((adopter) => this.#tell(adopter)));
  }

  async #tell({ names, adopt }: Adopter): Promise<void> {
    try {
      await adopt(
        Object.fromEntries(names.flatMap((name) => (this.#values.has(name) ? [[name, this.#values.get(name)]] : []))) as SecretValues,
      );
    } catch (error) {
      this.#log?.error({ err: error, settings: names }, "a new value of a secret could not be taken over");
    }
  }

  #count(name: SecretName, result: ReplacementResult): void {
    const counts = this.#counts.get(name);
    if (counts) counts[result]++;
  }

  async #revoke(lease: Lease | undefined): Promise<void> {
    const { vault } = this.#options;
    if (lease === undefined || vault === undefined) return;
    // If that fails, the server ends the lease in its time.
    await revokeLease(vault, lease, "WEFT_VAULT_URL").catch((error: unknown) =>
      this.#log?.warn({ err: error }, "the server of secrets could not end a lease"),
    );
  }

  #followed(secret: PathSecret): Followed {
    const seconds = secret.lease?.seconds;
    return { secret, dueAt: 0, expiresAt: seconds === undefined ? null : Date.now() + seconds * 1_000, problem: null };
  }

  #dueAt({ lease }: PathSecret): number {
    return Date.now() + (lease === undefined ? this.#times.vaultMs : lease.seconds * 1_000 * RENEWED_AFTER);
  }

  /** The setting that a path belongs to, for messages. */
  #settingOf(path: string): string {
    return `${this.#options.sources.find(({ vault }) => vault?.path === path)?.name ?? "WEFT_VAULT_URL"}${vaultSuffix}`;
  }
}
