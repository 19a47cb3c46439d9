/** A request to an inbound webhook, as it was received. */
export interface InboundRequest {
  /** Names in any case, and values, in the order of the request. A header can occur more than once. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

const MAX_HEADER_CHARS = 4_096;

/** Characters of an ID that a sender chose. */
const messageIdPattern = /^[\x21-\x7e]{1,255}$/;

/** Returns whether the text can be the ID of a message: 1 to 255 visible ASCII characters. */
export const isMessageId = (text: unknown): text is string => typeof text === "string" && messageIdPattern.test(text);

/** Returns the value of a header. Null if it is missing, empty, or very long, or if it occurs more than once: nobody could tell which one counts. */
export function headerOf({ headers }: Pick<InboundRequest, "headers">, name: string): string | null {
  const wanted = name.toLowerCase();
  const [only, ...others] = headers.filter(([header]) => header.toLowerCase() === wanted);
  const value = only?.[1].trim() ?? "";
  return others.length > 0 || value === "" || value.length > MAX_HEADER_CHARS ? null : value;
}

/** Returns the JSON object in the body. Null if the body is something else. */
export function jsonObjectOf(body: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}
