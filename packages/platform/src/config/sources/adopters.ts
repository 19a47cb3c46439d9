import type { SecretName } from "../settings.js";
import type { SecretValues } from "./secret-changes.js";

type Adopt = (values: SecretValues) => void | Promise<void>;

interface AdoptersOptions {
  /** Values that a process has started with, and that everything in it was made with. */
  readonly initial: ReadonlyMap<SecretName, string>;
  /** Called with an error of an adopter. It is called again later. */
  readonly onFailure: (error: unknown, names: readonly SecretName[]) => void;
}

interface Adopter {
  readonly names: readonly SecretName[];
  readonly adopt: Adopt;
  /** Incremented with each replacement, so that the repetitions of an earlier one end. */
  calls: number;
  /** Whether the values of the last replacement are in use, and the former ones are not. */
  latest: Promise<boolean>;
  isFailing: boolean;
}

/** Delays between two attempts to take over a value. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** What takes over replaced secrets, each with the settings that it uses together. */
export class Adopters {
  readonly #options: AdoptersOptions;
  readonly #all = new Set<Adopter>();
  readonly #ended = new AbortController();

  constructor(options: AdoptersOptions) {
    this.#options = options;
  }

  /** Adds an adopter, and calls it if its values have been replaced since the start. @returns a function that removes it */
  add(names: readonly SecretName[], adopt: Adopt, values: ReadonlyMap<SecretName, string>): () => void {
    const adopter: Adopter = { names, adopt, calls: 0, latest: Promise.resolve(true), isFailing: false };
    this.#all.add(adopter);
    if (names.some((name) => values.get(name) !== this.#options.initial.get(name))) this.#call(adopter, values);
    return () => void this.#all.delete(adopter);
  }

  /** Passes replaced values on. */
  pass(names: ReadonlySet<SecretName>, values: ReadonlyMap<SecretName, string>): void {
    for (const adopter of this.#all) if (adopter.names.some((name) => names.has(name))) this.#call(adopter, values);
  }

  uses(name: SecretName): boolean {
    return this.#of(name).length > 0;
  }

  isFailing(name: SecretName): boolean {
    return this.#of(name).some(({ isFailing }) => isFailing);
  }

  /** Settings that are used together with this one, and the setting itself. */
  together(name: SecretName): readonly SecretName[] {
    return [...new Set([name, ...this.#of(name).flatMap(({ names }) => names)])];
  }

  /** Returns whether the value is in use everywhere, as soon as that is known: when no connection uses the former one. */
  async inUse(name: SecretName): Promise<boolean> {
    const adopters = this.#of(name);
    return adopters.length > 0 && (await Promise.all(adopters.map(({ latest }) => latest))).every(Boolean);
  }

  /** Ends repetitions. */
  end(): void {
    this.#ended.abort();
  }

  #of(name: SecretName): Adopter[] {
    return [...this.#all].filter(({ names }) => names.includes(name));
  }

  #call(adopter: Adopter, values: ReadonlyMap<SecretName, string>): void {
    const own = Object.fromEntries(adopter.names.flatMap((name) => (values.has(name) ? [[name, values.get(name)]] : []))) as SecretValues;
    adopter.latest = this.#adopted(adopter, own, ++adopter.calls);
  }

  async #adopted(adopter: Adopter, values: SecretValues, call: number): Promise<boolean> {
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)) {
      try {
        await adopter.adopt(values);
        if (call === adopter.calls) adopter.isFailing = false;
        return true;
      } catch (error) {
        if (call === adopter.calls) {
          if (!adopter.isFailing) this.#options.onFailure(error, adopter.names);
          adopter.isFailing = true;
        }
      }
      await pause(delayMs, this.#ended.signal);
      // What was closed uses no value any more.
      if (!this.#all.has(adopter)) return true;
      if (this.#ended.signal.aborted) return false;
      if (call !== adopter.calls) return adopter.latest;
    }
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, delayMs);
    timer.unref();
    signal.addEventListener("abort", done);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
