import { allTransports, answerOver, type SentRequest } from "./transports.js";

type Transport = keyof typeof allTransports;

/** Sends an operation over each transport, and returns the first error of each answer with its extensions. Null: there was none. */
export async function errorsOf(request: SentRequest): Promise<Record<Transport, unknown>> {
  const answers = transports.map(async (transport) => [transport, (await answerOver(transport, request)).errors?.[0] ?? null] as const);
  return Object.fromEntries(await Promise.all(answers)) as Record<Transport, unknown>;
}

/** What all transports are to answer. */
export const everywhere = <T>(expected: T): Record<Transport, T> =>
  Object.fromEntries(transports.map((transport) => [transport, expected])) as Record<Transport, T>;

export const transports = Object.keys(allTransports) as readonly Transport[];
