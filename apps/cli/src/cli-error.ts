/** Exit codes of the command line. They are part of its interface. */
export const exitCodes = {
  ok: 0,
  /** The command did what it should, and the answer is no: invalid, different, failed, refused. */
  failed: 1,
  /** The command was written wrongly. Nothing was done. */
  usage: 2,
  /** The server cannot be reached, or you are not logged in. */
  unavailable: 3,
  /** `--wait` has run out of time. The run goes on. */
  timedOut: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A problem of one field, file or place. */
export interface CliProblem {
  readonly path: string;
  readonly message: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Ends a command. Its message is for people, without a stack trace. */
export class CliError extends Error {
  override readonly name = "CliError";
  constructor(
    message: string,
    readonly exitCode: ExitCode,
    /** Code of the API's error, or one of the command line. */
    readonly code: string = "FAILED",
    readonly problems: readonly CliProblem[] = [],
  ) {
    super(message);
  }
}

export const usageError = (message: string): CliError => new CliError(message, exitCodes.usage, "USAGE");

/** A problem as results and errors contain it. */
export const problemOutput = ({ path, message, line, column }: CliProblem) => ({
  path,
  message,
  ...(line && { line }),
  ...(column && { column }),
});

/** What a failed command writes instead of its result with --json. */
export const errorOutput = ({ code, message, exitCode, problems }: CliError): object => ({
  error: { code, message, exitCode, problems: problems.map(problemOutput) },
});
