/** What a client reads the results of a subscription from. */
export interface Accepted {
  /** The stream that it prefers. Undefined: none. */
  readonly stream: "sse" | "multipart" | undefined;
  /** Whether it also reads a single answer. */
  readonly json: boolean;
}

const jsonTypes = new Set(["application/json", "application/graphql-response+json", "application/*", "*/*"]);

/** Reads the header `Accept`. Of streams with the same quality, the first one counts. */
export function acceptedBy(header: string | undefined): Accepted {
  let stream: Accepted["stream"];
  let best = 0;
  let json = header === undefined || header.trim() === "";
  for (const range of (header ?? "").split(",")) {
    const [type = "", ...parameters] = range
      .toLowerCase()
      .split(";")
      .map((part) => part.trim());
    const quality = qualityOf(parameters);
    if (quality === 0) continue;
    if (jsonTypes.has(type)) json = true;
    const kind = type === "text/event-stream" ? "sse" : isMultipart(type, parameters) ? "multipart" : undefined;
    if (kind && quality > best) [stream, best] = [kind, quality];
  }
  return { stream, json };
}

/** Without the parameter, it is another protocol: parts of one result. */
const isMultipart = (type: string, parameters: readonly string[]): boolean =>
  type === "multipart/mixed" && parameters.some((parameter) => /^subscriptionspec\s*=\s*"?1\.0"?$/.test(parameter));

function qualityOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = given === undefined ? 1 : Number(given.slice(2));
  return quality >= 0 && quality <= 1 ? quality : 0;
}
