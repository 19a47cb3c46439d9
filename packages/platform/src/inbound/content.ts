import type { InboundRequest } from "./request.js";
import { headerOf } from "./request.js";

/** What expressions can read of a message. Stored encrypted. */
export interface InboundContent {
  readonly format: "JSON" | "FORM";
  readonly body: string;
  /** The headers that the webhook allows, by their name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

const json = /^application\/(?:json|[a-z0-9.+-]+\+json)(?:\s*;.*)?$/i;
const form = /^application\/x-www-form-urlencoded(?:\s*;.*)?$/i;

/** Returns the format of a media type, or null if inbound webhooks do not accept it. */
export function inboundFormatOf(contentType: string | undefined): InboundContent["format"] | null {
  if (contentType === undefined) return null;
  return json.test(contentType) ? "JSON" : form.test(contentType) ? "FORM" : null;
}

/** Returns the content of a request to keep. Null if the body is not valid in its format. */
export function inboundContentOf(
  format: InboundContent["format"],
  request: InboundRequest,
  headerNames: readonly string[],
): InboundContent | null {
  let body: string;
  try {
    body = new TextDecoder("utf-8", { fatal: true }).decode(request.body);
    if (format === "JSON") JSON.parse(body);
  } catch {
    return null;
  }
  const headers = headerNames.flatMap((name) => {
    const value = headerOf(request, name);
    return value === null ? [] : [[name, value] as const];
  });
  return { format, body, headers: Object.fromEntries(headers) };
}

/** Returns the value of a body: its JSON, or an object with the fields of the form. A field that occurs more than once is a list. */
export function inboundBodyOf({ format, body }: Pick<InboundContent, "format" | "body">): unknown {
  if (format === "JSON") return JSON.parse(body) as unknown;
  const fields = new URLSearchParams(body);
  return Object.fromEntries(
    [...new Set(fields.keys())].map((name) => {
      const all = fields.getAll(name);
      return [name, all.length === 1 ? all[0] : all];
    }),
  );
}
