import { redactorOf, type RedactedStream, type Redactor, type StepReport } from "@weft/engine";
import type { StepContext } from "./performers/performer.js";

type Log = StepContext["log"];

/** What a step says, without the values of the secrets that it has read. */
export interface StoredSpeech {
  readonly log: Log;
  /** Also passes on the rest of the log. */
  readonly report: (report: StepReport) => StepReport;
}

/** Lets nothing that a step reports or logs be stored with the value of a secret. */
export function withoutSecrets(redactor: Redactor, log: Log): StoredSpeech {
  const streams = new Map<string, RedactedStream>();
  const streamOf = (name: Parameters<Log>[0]): RedactedStream => {
    const known = streams.get(name) ?? redactor.stream((text) => log(name, text));
    streams.set(name, known);
    return known;
  };
  return {
    log: (name, text) => streamOf(name).write(text),
    report: (report) => {
      for (const stream of streams.values()) stream.end();
      if (report.kind === "succeeded") return { ...report, outputs: redactor.json(report.outputs) };
      if (report.kind === "failed") return { ...report, error: { ...report.error, message: redactor.text(report.error.message) } };
      return report;
    },
  };
}

/** An unexpected error as it can be logged. Its message can quote what the step was given. */
export function withoutSecretsOf(caught: unknown, secrets: ReadonlyMap<string, string>): unknown {
  if (secrets.size === 0) return caught;
  const { text } = redactorOf(secrets);
  const error = new Error(text(caught instanceof Error ? caught.message : String(caught)));
  if (caught instanceof Error && caught.stack !== undefined) error.stack = text(caught.stack);
  return error;
}
