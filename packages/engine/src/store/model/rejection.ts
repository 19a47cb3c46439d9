/** Converts rejections of the core to errors for clients. */
import { BadUserInput, TransitionRejected, type WeftError } from "@weft/shared/errors";
import type { FireResult, Outcome } from "../../core/model/outcome.js";
import type { Rejection } from "../../core/model/rejection.js";

/**
 * Returns the outcome, or throws the rejection: TRANSITION_REJECTED, or BAD_USER_INPUT with paths from the single argument of the mutation
 * (`input.data.estimate`).
 */
export function accepted(result: FireResult): Outcome {
  if (result.ok) return result.outcome;
  throw rejectionError(result.rejection);
}

export function rejectionError(rejection: Rejection): WeftError {
  switch (rejection.code) {
    case "TRANSITION_REJECTED":
      return new TransitionRejected(rejection.reasons.map(({ rule, message }) => ({ code: rule, message })));
    case "BAD_USER_INPUT":
      return new BadUserInput(rejection.problems.map(({ path, message }) => ({ path: `input.${path}`, message })));
    default:
      throw new Error(`unknown rejection ${String(rejection.code satisfies never)}`);
  }
}
