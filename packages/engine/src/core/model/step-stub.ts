/** Results that a simulation uses instead of doing the work of steps. */
import type { JsonObject } from "./json.js";
import type { StepError } from "./run.js";

/** How an attempt ends. `lost`: its worker is lost. `stays`: it does not end, so the run waits for it. */
export type StubbedEnd =
  | { readonly kind: "succeeded"; readonly outputs: JsonObject }
  | { readonly kind: "failed"; readonly error: StepError }
  | { readonly kind: "lost" }
  | { readonly kind: "stays" };

/** `index`, `attempt` null: every item, every attempt. A stub for an attempt counts before one for an item, and both before the others; of equal ones, the last. */
export type StepStub = {
  readonly step: string;
  readonly index: number | null;
  readonly attempt: number | null;
  /** Of the work that undoes the step. */
  readonly isCompensation: boolean;
  readonly end: StubbedEnd;
};
