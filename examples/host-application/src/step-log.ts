/** Middleware: writes a line about every attempt at a step, and refuses the types that are switched off. */
import { failure, type StepMiddleware } from "@weft/standalone";

export interface StepLogOptions {
  readonly write: (line: string) => void;
  readonly isOff: (type: string) => boolean;
}

export const stepLog = ({ write, isOff }: StepLogOptions): StepMiddleware => ({
  before: ({ type }) => (isOff(type) ? failure("SWITCHED_OFF", `Steps of the type ${type} are switched off.`, true) : undefined),
  after: ({ type, context }, { report, seconds }) => {
    write(`${context.step} (${type}), attempt ${context.attempt}: ${report.kind} after ${seconds.toFixed(1)} s`);
    return undefined;
  },
  error: ({ type, context }) => {
    write(`${context.step} (${type}), attempt ${context.attempt}: unexpected error`);
    return undefined;
  },
});
