import type { Json } from "@weft/engine";
import type { StepContext } from "../../automation/performers/performer.js";
import type { UsedAgent } from "../agent-definition.js";

/** What has become of a piece of work. `waits`: for people, or until the provider can be asked again. */
export type Ended =
  | { readonly kind: "done"; readonly text: string; readonly value: Json | null }
  | { readonly kind: "waits"; readonly until: string; readonly isForPeople: boolean }
  | { readonly kind: "failed"; readonly code: string; readonly message: string; readonly isFinal: boolean };

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
