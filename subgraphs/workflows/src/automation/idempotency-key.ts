import type { TakenStep } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";

/** Returns the key that all attempts at the work of a step, or at undoing it, pass on to other systems. */
export const idempotencyKeyOf = ({ runId, step, isCompensation }: Pick<TakenStep, "runId" | "step" | "isCompensation">): string =>
  `${encodeId("run", runId)}-${step}${isCompensation ? "-undo" : ""}`;
