import type { SecretName } from "../settings.js";

/** Values of settings, after some of them were replaced. */
export type SecretValues = Readonly<Partial<Record<SecretName, string>>>;

/** What became of a changed secret. `after-restart`: nothing in this process can take it over. */
export type ReplacementResult = "adopted" | "refused" | "after-restart";

/** State of a secret that comes from a file or a Vault-compatible server. */
export interface SecretState {
  readonly name: SecretName;
  readonly source: "file" | "vault";
  /** Why its source cannot be read or used now, as a sentence without the value. The last value remains in use. Null: nothing is wrong. */
  readonly problem: string | null;
  readonly replacements: Readonly<Record<ReplacementResult, number>>;
  /** End of its lease, in milliseconds since 1970. Null: it does not end. */
  readonly expiresAt: number | null;
}

/** Returns what is wrong with secrets now, as sentences for operators. */
export const secretProblems = (changes: SecretChanges): string[] =>
  changes.states().flatMap(({ name, problem }) => (problem === null ? [] : [`${name}: ${problem}. The last value remains in use.`]));

/** Secrets of settings that can be replaced while the process runs. */
export interface SecretChanges {
  /**
   * Calls `adopt` when one of the settings has another value, with the values of all of them. If it returns a promise, the former values are in use until
   * that is fulfilled.
   * @returns a function that ends this
   */
  onReplaced(names: readonly SecretName[], adopt: (values: SecretValues) => void | Promise<void>): () => void;
  /** Reads the sources of these settings now, for example because a server has refused their values. Returns whether one was replaced. */
  readAgain(names: readonly SecretName[]): Promise<boolean>;
  states(): readonly SecretState[];
}
