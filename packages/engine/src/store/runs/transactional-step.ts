import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { TenantSecrets } from "@weft/platform/secrets";
import type { Work } from "../../core/model/automation.js";
import type { JsonObject } from "../../core/model/json.js";
import type { StepSnapshot } from "../../core/model/run.js";
import type { LoadedRun } from "./loaded-run.js";
import type { StepAttempt, StepReport } from "./step-report.js";

/** An attempt whose work is done in the transaction that takes it. */
export type TransactionalWork = StepAttempt & {
  readonly loaded: LoadedRun;
  /** `step` is its ID. */
  readonly snapshot: StepSnapshot;
  readonly work: Work;
  /** Matches the schema of the type. It can contain secret inputs, which must not be stored. */
  readonly input: JsonObject;
  /** Seals the secret inputs that the work passes on. Absent: there are none. */
  readonly secrets?: TenantSecrets | undefined;
};

/** An attempt that waits. */
export type WaitingWork = Omit<TransactionalWork, "input" | "secrets">;

/**
 * A step type whose work consists of statements: it is done in the transaction that takes the step, and commits together with its result. No worker
 * is told of it, so there is no lease, and a crash leaves either all of it or nothing.
 */
export type TransactionalStep = {
  /**
   * Does the work, or begins what the step waits for (`waits`). Runs in a savepoint: what it wrote before it throws is undone, and the step fails.
   * Expected failures are reports.
   */
  readonly begin: (tx: Tx, meta: WriteMeta, work: TransactionalWork) => Promise<StepReport>;
  /** Whether its only write is its last statement. Then it needs no savepoint: an error repeats the whole transaction. */
  readonly isOneWrite?: true;
  /** Decides what becomes of a waiting step whose time has come. Absent: it has succeeded, without outputs. */
  readonly look?: (tx: Tx, meta: WriteMeta, waiting: WaitingWork) => Promise<StepReport>;
  /** Ends what a waiting step waits for, because its run stops. The step itself is already canceled. */
  readonly stop?: (tx: Tx, meta: WriteMeta, waiting: WaitingWork) => Promise<void>;
};
