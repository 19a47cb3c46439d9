const maxMessage = 2_000;
const maxFrames = 30;
const maxCauses = 5;

/** An error in its logged form. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: string;
  readonly constraint?: string;
  readonly cause?: LoggedError;
}

/**
 * Returns the parts of an error that can be logged: type, message, frames, code and causes. Other members are omitted: a failed query carries its
 * parameters, and PostgreSQL's detail contains row values.
 */
export function serializeError(error: unknown, depth = 0): LoggedError {
  // Libraries give what they received as the cause, such as the parameters of a URL. Its text can contain anything.
  if (typeof error === "object" && error !== null && !(error instanceof Error))
    return { type: String(error.constructor?.name ?? "object"), message: "", stack: "" };
  if (!(error instanceof Error)) return { type: typeof error, message: String(error).slice(0, maxMessage), stack: "" };
  const { code, constraint_name: constraint } = error as { code?: unknown; constraint_name?: unknown };
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    // drizzle appends the parameters to the statement.
    message: (error.message.split("\nparams:")[0] ?? "").slice(0, maxMessage),
    stack: frames.slice(0, maxFrames).join("\n"),
    ...(typeof code === "string" && { code }),
    ...(typeof constraint === "string" && { constraint }),
    ...(error.cause !== undefined && error.cause !== null && depth < maxCauses && { cause: serializeError(error.cause, depth + 1) }),
  };
}
