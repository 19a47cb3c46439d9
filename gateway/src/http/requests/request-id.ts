import { newId } from "@weft/shared/ids";

/** Clients can provide a request ID if it is suitable for a log line. Otherwise the request gets a generated ID. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === "string" && /^[A-Za-z0-9._-]{8,64}$/.test(header) ? header : newId();
}

/** Returns the trace ID of a W3C `traceparent`, or null. */
export function traceIdOf(header: string | string[] | undefined): string | null {
  const id = typeof header === "string" ? /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(header)?.[1] : undefined;
  return id === undefined || /^0+$/.test(id) ? null : id;
}
