import { pino } from "pino";
import type { DestinationStream, Logger as PinoLogger, LoggerOptions } from "pino";
import { prettyDestination } from "./pretty.js";
import { redact } from "./redact.js";
import { serializeError } from "./serialize-error.js";

export type Logger = PinoLogger;

export interface LoggerSettings {
  readonly logLevel: string;
  /** Default: json. */
  readonly logFormat?: "pretty" | "json";
}

/**
 * Creates a logger that writes JSON lines to standard output, or human-readable lines. Secrets are redacted by member name, and members that can
 * contain data are removed from errors. Values from callers are logged as members, never in the message, so that callers cannot forge log lines.
 * @param destination receives JSON lines instead of standard output, regardless of the format
 */
export function createLogger({ logLevel, logFormat = "json" }: LoggerSettings, destination = destinationOf(logFormat)): Logger {
  const options: LoggerOptions = {
    level: logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: redact },
    serializers: { err: (error: unknown) => serializeError(error), error: (error: unknown) => serializeError(error) },
    hooks: {
      // Without a message, pino uses the error's message unchanged.
      logMethod(args, method) {
        const [first, ...more] = args as unknown as unknown[];
        const error = first instanceof Error ? first : (first as { err?: unknown } | null | undefined)?.err;
        const rest = more.length === 0 && error instanceof Error ? [serializeError(error).message] : more;
        Reflect.apply(method, this, [first instanceof Error ? { err: first } : first, ...rest]);
      },
    },
  };
  const logger = destination ? pino(options, destination) : pino(options);
  // Inherited by children. pino does not apply the formatters to their bindings.
  const { child } = logger as unknown as { child: (...args: unknown[]) => Logger };
  const childOf = function (this: Logger, bindings: Record<string, unknown>, childOptions?: object): Logger {
    return Reflect.apply(child, this, [redact(bindings), childOptions]);
  };
  return Object.assign(logger, { child: childOf as unknown as Logger["child"] });
}

function destinationOf(format: "pretty" | "json"): DestinationStream | undefined {
  const { stdout, env } = process;
  return format === "json" ? undefined : prettyDestination(stdout, stdout.isTTY && env["NO_COLOR"] === undefined);
}
