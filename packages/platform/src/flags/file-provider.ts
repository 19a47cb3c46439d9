import { readFileSync } from "node:fs";
import { FlagdCore } from "@openfeature/flagd-core";
import {
  type EvaluationContext,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
  StandardResolutionReasons,
} from "@openfeature/server-sdk";
import type { FlagKey } from "./declared-flags.js";
import { flagsProblems } from "./flags-problems.js";

/** Interval at which the file is read. Polls, because notifications of changes do not work on all file systems. */
const INTERVAL_MS = 5_000;

export interface FileProviderOptions {
  /** File in the format of flagd. Undefined: there is none. */
  readonly file: string | undefined;
  /** Values for everybody, which take precedence over the file. */
  readonly fixed: ReadonlyMap<FlagKey, boolean>;
  readonly intervalMs?: number;
}

/**
 * A provider of OpenFeature for the flags of a file, with the rules of flagd: variants, targeting, and shares of tenants. It evaluates in this process, so
 * that a request never waits for another server. A file that cannot be read or is not valid changes nothing: the last flags remain in use.
 */
export class FileProvider implements Provider {
  readonly metadata = { name: "weft-file" } as const;
  readonly runsOn = "server" as const;
  readonly events = new OpenFeatureEventEmitter();
  readonly #file: string | undefined;
  readonly #fixed: ReadonlyMap<string, boolean>;
  readonly #intervalMs: number;
  /** Without generated code: a file decides what is evaluated. */
  readonly #core = new FlagdCore(undefined, undefined, { disableDynamicCodeGeneration: true });
  #text: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #problem: string | null = null;

  constructor({ file, fixed, intervalMs = INTERVAL_MS }: FileProviderOptions) {
    this.#file = file;
    this.#fixed = fixed;
    this.#intervalMs = intervalMs;
  }

  /** Why the file cannot be used now. Null: nothing is wrong. */
  get problem(): string | null {
    return this.#problem;
  }

  /** @throws Error if the file cannot be used */
  async initialize(): Promise<void> {
    this.#read();
    if (this.#file !== undefined) this.#timer = setInterval(() => this.#look(), this.#intervalMs).unref();
  }

  async onClose(): Promise<void> {
    clearInterval(this.#timer);
  }

  async resolveBooleanEvaluation(key: string, byDefault: boolean, context: EvaluationContext): Promise<ResolutionDetails<boolean>> {
    const fixed = this.#fixed.get(key);
    if (fixed !== undefined) return { value: fixed, reason: StandardResolutionReasons.STATIC };
    // A flag that the file does not have is no mistake: it has its default.
    if (this.#core.getFlag(key) === undefined) return { value: byDefault, reason: StandardResolutionReasons.DEFAULT };
    return this.#core.resolveBooleanEvaluation(key, byDefault, context);
  }

  async resolveStringEvaluation(key: string, byDefault: string, context: EvaluationContext): Promise<ResolutionDetails<string>> {
    return this.#core.resolveStringEvaluation(key, byDefault, context);
  }

  async resolveNumberEvaluation(key: string, byDefault: number, context: EvaluationContext): Promise<ResolutionDetails<number>> {
    return this.#core.resolveNumberEvaluation(key, byDefault, context);
  }

  async resolveObjectEvaluation<T extends JsonValue>(key: string, byDefault: T, context: EvaluationContext): Promise<ResolutionDetails<T>> {
    return this.#core.resolveObjectEvaluation(key, byDefault, context);
  }

  /** Returns the flags that have changed. @throws Error if the file cannot be used */
  #read(): readonly string[] {
    if (this.#file === undefined) return [];
    const text = readFlagsFile(this.#file);
    if (text === this.#text) return [];
    const problems = flagsProblems(text);
    if (problems.length > 0) throw new Error(`${this.#file} is not a valid file of flags: ${problems.join("; ")}`);
    const changed = this.#core.setConfigurations(text);
    this.#text = text;
    return changed;
  }

  #look(): void {
    try {
      const flagsChanged = this.#read();
      if (this.#problem !== null) this.events.emit(ProviderEvents.Ready);
      this.#problem = null;
      if (flagsChanged.length > 0) this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [...flagsChanged] });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // Once for each reason. The flags still have values, so the provider is stale instead of failed.
      if (message !== this.#problem) this.events.emit(ProviderEvents.Stale, { message });
      this.#problem = message;
    }
  }
}

function readFlagsFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`, { cause: error });
  }
}
