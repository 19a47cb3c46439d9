import type { StepReport } from "@weft/engine";
import type { StepMiddleware } from "./middleware.js";

/** One attempt at a step, for metrics. Nothing of a tenant, a definition or a run. */
export interface MeasuredStep {
  readonly type: string;
  readonly result: StepReport["kind"];
  readonly seconds: number;
}

/** Passes every attempt that ends to `observe`. One that throws is a failure. */
export function measureSteps(observe: (step: MeasuredStep) => void): StepMiddleware {
  const begun = new WeakMap<object, number>();
  return {
    before: (attempt) => {
      begun.set(attempt, performance.now());
      return undefined;
    },
    after: ({ type }, { report, seconds }) => {
      observe({ type, result: report.kind, seconds });
      return undefined;
    },
    error: (attempt) => {
      observe({ type: attempt.type, result: "failed", seconds: (performance.now() - (begun.get(attempt) ?? performance.now())) / 1000 });
      return undefined;
    },
  };
}
