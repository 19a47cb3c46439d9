import type { Json } from "@weft/engine";
import type { StepContext } from "../../automation/performers/performer.js";
import type { UsedAgent } from "../agent-definition.js";

/** What has become of a piece of work. `waits`: for people, or until the provider can be asked again. */
export type Ended =
  | { readonly kind: "done"; readonly text: string; readonly value: Json | null }
  /** `isForPeople`: also for people. */
  | { readonly kind: "waits"; readonly until: string; readonly isForPeople: boolean }
  | { readonly kind: "failed"; readonly code: string; readonly message: string; readonly isFinal: boolean }
  /** Somebody can remove the cause, and then let the step go on. */
  | { readonly kind: "parked"; readonly code: string; readonly message: string };

/** Another worker has the step. What is reported then is ignored. */
export const superseded: Ended = { kind: "failed", code: "SUPERSEDED", message: "Another worker continues the step.", isFinal: false };

/** The signal says that the work must end. What is reported is ignored, unless it was the time of the step. */
export const stopped: Ended = { kind: "failed", code: "TIMEOUT", message: "The time of the step is over.", isFinal: false };

export interface PieceOfWork {
  readonly context: StepContext;
  /** Key of the agent. */
  readonly key: string;
  readonly prompt: string;
  /** The tool call of another agent that it answers. */
  readonly parent: string | null;
  /** The sessions of the agents that ask, outermost first. Their limits apply as well. */
  readonly chain: readonly Session[];
}

/** A piece of work that has begun. */
export interface Session {
  readonly id: string;
  readonly prompt: string;
  readonly agent: UsedAgent;
}
