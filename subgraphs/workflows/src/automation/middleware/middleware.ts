/** What happens around the work of each step: measurements and limits of Weft, and those of a host application. */
import type { StepReport } from "@weft/engine";
import type { Performer, StepContext } from "../performers/performer.js";

/** An attempt at the work of a step, or at undoing it. */
export interface StepAttempt {
  /** Name of the step type. */
  readonly type: string;
  /** With the values of its expressions, secrets included: never store or log it. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly isCompensation: boolean;
  readonly context: StepContext;
}

/** Hooks around each attempt. All are optional, and can be asynchronous. */
export interface StepMiddleware {
  /** Called before the work. A report takes the place of the work: `failure(…)` refuses it. */
  readonly before?: (attempt: StepAttempt) => Promise<StepReport | undefined> | StepReport | undefined;
  /** Called after the work, in the reverse order. A report replaces the one of the work. */
  readonly after?: (
    attempt: StepAttempt,
    ended: { readonly report: StepReport; readonly seconds: number },
  ) => Promise<StepReport | undefined> | StepReport | undefined;
  /** Called if the work, or a hook, throws. A report becomes the result; without any, the step fails with INTERNAL. */
  readonly error?: (attempt: StepAttempt, thrown: unknown) => Promise<StepReport | undefined> | StepReport | undefined;
}

/**
 * Does the work of an attempt with its middleware. `after` is called only for middleware whose `before` has been called.
 * @throws what the work or a hook throws, unless the `error` of a middleware turns it into a report
 */
export async function performWithin(
  middleware: readonly StepMiddleware[],
  performer: Performer,
  attempt: StepAttempt,
): Promise<StepReport> {
  const begun: StepMiddleware[] = [];
  const startedAt = performance.now();
  try {
    let report: StepReport | undefined;
    for (const one of middleware) {
      begun.unshift(one);
      report = await one.before?.(attempt);
      if (report) break;
    }
    let ended = report ?? (await performer(attempt.input, attempt.context));
    for (const one of begun)
      ended = (await one.after?.(attempt, { report: ended, seconds: (performance.now() - startedAt) / 1000 })) ?? ended;
    return ended;
  } catch (error) {
    for (const one of begun) {
      const report = await one.error?.(attempt, error);
      if (report) return report;
    }
    throw error;
  }
}
