import type { VaultConfig } from "../config.js";
import type { SecretName } from "../settings.js";
import { Adopters } from "./adopters.js";
import { FollowedPaths, type FollowLog } from "./followed-paths.js";
import { checkedValues } from "./checked-values.js";
import type { ReplacementResult, SecretChanges, SecretState, SecretValues } from "./secret-changes.js";
import { readSecret, type SecretSource, vaultSuffix } from "./secret-sources.js";
import type { PathSecret } from "./vault-path.js";

export interface FollowTimes {
  /** Interval at which files are read, and leases are checked. Polls, because notifications of changes do not work on all file systems. */
  readonly intervalMs?: number;
  /** Interval at which secrets without a lease are read from the server. */
  readonly vaultMs?: number;
  /** Minimum time between two readings of a secret that `readAgain` asks for. Doubles with each, up to a minute. */
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

type Counted = Record<ReplacementResult, number>;

const LONGEST_AGAIN_MS = 60_000;
/** Time that the stop waits for what uses former credentials. */
const STOP_MS = 5_000;

/**
 * Follows the secrets of settings that come from files or a Vault-compatible server, and passes new values on. A value that cannot be read, or that the start
 * would refuse, changes nothing: the last one remains in use.
 */
export class FollowedSecrets implements SecretChanges {
  readonly #options: FollowOptions;
  /** The newest values that were accepted. */
  readonly #values: Map<SecretName, string>;
  readonly #paths: FollowedPaths;
  readonly #adopters: Adopters;
  readonly #problems = new Map<SecretName, string>();
  readonly #counts = new Map<SecretName, Counted>();
  readonly #refused = new Map<SecretName, string>();
  /** Contents of files at the last look. */
  readonly #lastRead: Map<SecretName, string>;
  /** Settings of which another file can still change. */
  readonly #unfinished = new Set<SecretName>();
  readonly #reading = new Map<SecretName, Promise<boolean>>();
  readonly #again = new Map<SecretName, { readonly at: number; readonly delayMs: number }>();
  /** What waits until the former values are not used any more. */
  readonly #waiting = new Set<Promise<void>>();
  #log: FollowLog | undefined;
  #timer: NodeJS.Timeout | undefined;
  #times: Required<FollowTimes> = { intervalMs: 5_000, vaultMs: 60_000, againMs: 1_000 };

  constructor(options: FollowOptions) {
    const { sources, values, vault, secrets } = options;
    this.#options = options;
    this.#values = new Map(values);
    this.#lastRead = new Map(values);
    this.#paths = new FollowedPaths({ vault, secrets, settingOf: (path) => `${this.#namesOf(path)[0] ?? "WEFT_VAULT_URL"}${vaultSuffix}` });
    this.#adopters = new Adopters({
      initial: values,
      onFailure: (err, settings) =>
        this.#log?.error({ err, settings }, "a new value of a secret could not be taken over; it is tried again"),
    });
    for (const { name } of sources) this.#counts.set(name, { adopted: 0, refused: 0, "after-restart": 0 });
  }

  /** Begins to look. */
  start(log: FollowLog, times: FollowTimes = {}): void {
    this.#log = log;
    this.#times = { ...this.#times, ...times };
    if (this.#options.sources.length === 0) return;
    this.#paths.start(log, this.#times.vaultMs);
    this.#timer = setInterval(() => this.#look(), this.#times.intervalMs).unref();
  }

  /** Ends looking, and tells the server to delete what it has created for this process. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#adopters.end();
    let limit: NodeJS.Timeout | undefined;
    await Promise.race([Promise.all(this.#waiting), new Promise((resolve) => (limit = setTimeout(resolve, STOP_MS)))]);
    clearTimeout(limit);
    await this.#paths.stop();
  }

  onReplaced(names: readonly SecretName[], adopt: (values: SecretValues) => void | Promise<void>): () => void {
    const unreported = names.filter((name) => this.#values.get(name) !== this.#options.values.get(name) && !this.#adopters.uses(name));
    const remove = this.#adopters.add(names, adopt, this.#values);
    this.#follow(unreported);
    return remove;
  }

  async readAgain(names: readonly SecretName[]): Promise<boolean> {
    const sources = this.#options.sources.filter(({ name }) => names.includes(name));
    return (await Promise.all(sources.map((source) => this.#readSharedAgain(source)))).includes(true);
  }

  states(): SecretState[] {
    return this.#options.sources.map(({ name, vault }) => {
      const ofPath = vault && this.#paths.stateOf(vault.path);
      const failing = this.#adopters.isFailing(name) ? "The new value could not be taken over; it is tried again" : null;
      return {
        name,
        source: vault === undefined ? "file" : "vault",
        problem: this.#problems.get(name) ?? ofPath?.problem ?? failing,
        replacements: { ...(this.#counts.get(name) ?? { adopted: 0, refused: 0, "after-restart": 0 }) },
        expiresAt: ofPath?.expiresAt ?? null,
      };
    });
  }

  /** Files do not wait for a server that does not answer. */
  #look(): void {
    this.#compareFiles();
    this.#decide();
    void this.#paths.look().then(() => this.#decide());
  }

  /** Requests that are refused at the same time read once. */
  #readSharedAgain(source: SecretSource): Promise<boolean> {
    const { name } = source;
    const running = this.#reading.get(name);
    if (running !== undefined) return running;
    if (this.#timer === undefined || !this.#mayReadAgain(name)) return Promise.resolve(false);
    const reading = this.#readOneAgain(source).finally(() => this.#reading.delete(name));
    this.#reading.set(name, reading);
    return reading;
  }

  async #readOneAgain({ name, vault }: SecretSource): Promise<boolean> {
    const before = this.#values.get(name);
    // A lease that was created for this process has not been replaced by anybody, but the server may have ended it.
    if (vault !== undefined) await this.#paths.readNow(vault.path);
    this.#decide({ isAsked: true });
    return this.#values.get(name) !== before;
  }

  #mayReadAgain(name: SecretName): boolean {
    const now = performance.now();
    const { againMs } = this.#times;
    const last = this.#again.get(name);
    if (last !== undefined && now - last.at < last.delayMs) return false;
    // Nobody has asked for a while, so the values were right.
    const isNew = last === undefined || now - last.at > 2 * last.delayMs + againMs;
    this.#again.set(name, { at: now, delayMs: isNew ? againMs : Math.min(2 * last.delayMs, LONGEST_AGAIN_MS) });
    return true;
  }

  /** Decides about the values that were read, and passes on those that can be used. */
  #decide({ isAsked = false } = {}): void {
    if (this.#timer === undefined) return;
    const read = this.#read();
    const changed = new Map<SecretName, string>();
    for (const [name, value] of read) {
      if (value !== this.#values.get(name)) changed.set(name, value);
      else {
        this.#problems.delete(name);
        this.#refused.delete(name);
      }
    }
    if (!isAsked) for (const name of this.#unfinished) changed.delete(name);
    if ([...changed].some(([name, value]) => value !== this.#refused.get(name))) this.#replace(changed);
    this.#endFormerLeases();
  }

  /** Values of the sources that can be read. */
  #read(): Map<SecretName, string> {
    const { contents } = this.#paths;
    const values = new Map<SecretName, string>();
    for (const source of this.#options.sources) {
      const { name } = source;
      const read = readSecret(source, contents);
      if (read === undefined) continue;
      if ("value" in read) values.set(name, read.value);
      else {
        if (this.#problems.get(name) !== read.problem)
          this.#log?.error({ setting: name, reason: read.problem }, "a secret cannot be read again; the last value remains in use");
        this.#problems.set(name, read.problem);
      }
    }
    return values;
  }

  /** Finds values that are used together and come from several files, one of which has changed since the last look: another can follow. */
  #compareFiles(): void {
    this.#unfinished.clear();
    const files = this.#options.sources.filter(({ file, vault }) => file !== undefined && vault === undefined);
    const names = new Set(files.map(({ name }) => name));
    for (const source of files) {
      const read = readSecret(source, new Map());
      if (read === undefined || "problem" in read || read.value === this.#lastRead.get(source.name)) continue;
      this.#lastRead.set(source.name, read.value);
      const together = this.#adopters.together(source.name);
      if (together.filter((name) => names.has(name)).length > 1) for (const name of together) this.#unfinished.add(name);
    }
  }

  #replace(changed: ReadonlyMap<SecretName, string>): void {
    const { accepted, refused } = checkedValues(changed, {
      inUse: this.#values,
      together: (name) => this.#together(name),
      problemsOf: this.#options.problemsOf,
    });
    for (const [name, reason] of refused) {
      const isNew = this.#refused.get(name) !== changed.get(name);
      this.#refused.set(name, changed.get(name) ?? "");
      this.#problems.set(name, `The new value is refused: ${reason}`);
      if (!isNew) continue;
      this.#count(name, "refused");
      this.#log?.error({ setting: name, reason }, "a new value of a secret is refused; the last one remains in use");
    }
    for (const [name, value] of accepted) {
      this.#values.set(name, value);
      this.#problems.delete(name);
      this.#refused.delete(name);
    }
    this.#adopters.pass(new Set(accepted.keys()), this.#values);
    this.#follow([...accepted.keys()]);
  }

  /** Reports which values are in use, as soon as they are. */
  #follow(names: readonly SecretName[]): void {
    for (const name of names) {
      if (this.#adopters.uses(name)) {
        this.#wait(async () => {
          if (!(await this.#adopters.inUse(name))) return;
          this.#count(name, "adopted");
          this.#log?.info({ setting: name }, "a secret was replaced; its new value is in use");
        });
        continue;
      }
      this.#count(name, "after-restart");
      this.#log?.warn(
        { setting: name },
        "a secret was replaced, but nothing in this process uses it while it runs; it is read at the next start",
      );
    }
  }

  /** What still uses former credentials must end before the server deletes them. New ones that are not used are given back. */
  #endFormerLeases(): void {
    for (const path of this.#paths.undecided()) {
      const names = this.#namesOf(path);
      const problem = names.map((name) => this.#problems.get(name)).find((one) => one !== undefined);
      if (problem !== undefined) {
        this.#wait(() => this.#paths.refuse(path, problem));
        continue;
      }
      const endFormer = this.#paths.accept(path);
      this.#wait(async () => {
        const inUse = await Promise.all(names.map((name) => this.#adopters.inUse(name)));
        if (inUse.every(Boolean)) await endFormer();
      });
    }
  }

  #wait(work: () => Promise<void>): void {
    const waiting: Promise<void> = work().finally(() => this.#waiting.delete(waiting));
    this.#waiting.add(waiting);
  }

  #together(name: SecretName): SecretName[] {
    const path = this.#options.sources.find((source) => source.name === name)?.vault?.path;
    return [...this.#adopters.together(name), ...(path === undefined ? [] : this.#namesOf(path))];
  }

  #namesOf(path: string): SecretName[] {
    return this.#options.sources.flatMap(({ name, vault }) => (vault?.path === path ? [name] : []));
  }

  #count(name: SecretName, result: ReplacementResult): void {
    const counts = this.#counts.get(name);
    if (counts) counts[result]++;
  }
}
