import { stepFailure, type SecurityProfile, type StepReport } from "@weft/engine";
import type { OutboundClient } from "@weft/platform/outbound";
import type { Services } from "@weft/platform/services";
import type { ProgramSandbox } from "../../programs/program-sandbox.js";

/** What the work of a step can use. */
export interface StepContext {
  readonly tenantId: string;
  /** UUID of the run. */
  readonly runId: string;
  /** ID of the step in the definition. */
  readonly step: string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Proves that the attempt still has the step: another worker gets another token. */
  readonly leaseToken: string;
  readonly isCompensation: boolean;
  /** The same for every attempt of a step, so that systems that know such keys do its work once. */
  readonly idempotencyKey: string;
  readonly services: Pick<Services, "config" | "databases" | "keyring" | "log" | "pubsub" | "secrets">;
  readonly outbound: OutboundClient;
  /** What the run may do. */
  readonly profile: SecurityProfile;
  /** Runs the programs of steps. */
  readonly programs: ProgramSandbox;
  /** Adds text to the log of the step, such as the output of its program. Lines are bounded, and values of secrets are removed. */
  readonly log: (stream: "stdout" | "stderr" | "system", text: string) => void;
  /** Removes the values of the step's secrets. What a performer cuts out of a longer text must go through it before: half of a value is not found. */
  readonly redact: (text: string) => string;
  /** Time for the attempt. */
  readonly timeoutMs: number;
  /** Aborts when the run stops, the lease is lost, the time is over, or the process ends. */
  readonly signal: AbortSignal;
}

/** Does the work of a step type while no transaction is open. Its input matches the type's schema. */
export type Performer = (input: Readonly<Record<string, unknown>>, context: StepContext) => Promise<StepReport>;

export const failure = (code: string, message: string, isFinal: boolean): StepReport => stepFailure(code, message, isFinal);
