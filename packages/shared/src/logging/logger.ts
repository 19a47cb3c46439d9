import { pino } from "pino";
import type { DestinationStream, Logger as PinoLogger } from "pino";
import { secretNames } from "./secrets.js";

export type Logger = PinoLogger;

/**
 * JSON lines on standard output. Secrets are censored by the name of their member, three levels deep; values of callers go into members,
 * never into the message, so that nobody forges a line.
 * @param config needs the level only
 */
export function createLogger({ logLevel }: { readonly logLevel: string }, destination?: DestinationStream): Logger {
  const options = {
    level: logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redactedPaths(), censor: "[redacted]" },
    serializers: { err: pino.stdSerializers.err },
    depthLimit: 6,
    edgeLimit: 50,
  };
  return destination ? pino(options, destination) : pino(options);
}

function redactedPaths(): string[] {
  return secretNames.flatMap((name) =>
    ["", "*.", "*.*.", "*.*.*."].map((above) => `${above}${name.includes("-") ? `["${name}"]` : name}`.replace(".[", "[")),
  );
}
