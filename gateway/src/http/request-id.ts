import { newId } from "@weft/shared";

/** A client may name its request, if the name is fit for a log line; else it gets one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === "string" && /^[A-Za-z0-9._-]{8,64}$/.test(header) ? header : newId();
}

/** The trace id of a W3C `traceparent`, or null. */
export function traceIdOf(header: string | string[] | undefined): string | null {
  const id = typeof header === "string" ? /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(header)?.[1] : undefined;
  return id === undefined || /^0+$/.test(id) ? null : id;
}
