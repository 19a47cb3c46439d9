import type { KeptCheckpoint } from "./kept-checkpoint.js";

/** A place outside the database that keeps checkpoints. */
export interface CheckpointDestination {
  /** For the log: `file`, `bucket`, `webhook`. */
  readonly name: string;
  /**
   * Keeps checkpoints. When it returns, they are there. Keeping one again does no harm.
   * @param signal aborted when the process cannot wait any longer
   */
  keep(checkpoints: readonly KeptCheckpoint[], signal: AbortSignal): Promise<void>;
  close(): void;
}
