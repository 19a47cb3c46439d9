/** Reads what a webhook receives and how from an input, and validates it. */
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { deliverableTypes } from "@weft/shared/event-catalog";
import { suggestionFor } from "@weft/shared/texts";
import { assertUrlAllowed, type OutboundPolicy } from "@weft/platform/outbound";
import { conditionProblems, type DeclaredTypes } from "./webhook.condition.js";
import { payloadProblems } from "./webhook.payload.js";
import type { WebhookHeaderInput } from "./webhook.input.js";
import type { WebhookRow } from "./webhook.store.js";
import { webhookColumns, type UpdateWebhookInput } from "./webhook.type.js";

const MAX_HEADERS = 20;
const MAX_HEADER_CHARS = 4_000;
const MAX_RATE = 1_000;
const MAX_TYPES = 200;

/** Headers that Weft or the connection sets, and that would change what the receiver or a proxy understands. */
const reservedHeaders: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "forwarded",
  "host",
  "http2-settings",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);
const reservedPrefixes = ["webhook-", "proxy-", "sec-", "x-forwarded-"];

export type Terms = Pick<WebhookRow, "name" | "url" | "eventTypes" | "condition" | "isOrdered" | "rateLimit">;

type Given = Omit<UpdateWebhookInput, "id" | "expectedVersion" | "idempotencyKey">;

export const newTerms: Terms = { name: "", url: "", eventTypes: null, condition: "", isOrdered: false, rateLimit: null };

const problem = (name: string, message: string): Problem => ({ path: `input.${name}`, message });

/**
 * Applies an input to the terms of a webhook.
 * @param declared the types that the tenant has declared
 * @throws BadUserInput with all problems
 */
export function readTerms(before: Terms, given: Given, declared: DeclaredTypes): Terms {
  const { rateLimit, eventTypes } = given;
  const shape = [
    ...webhookColumns.textProblems(given),
    ...payloadProblems(given.payload),
    ...typeProblems("eventTypes", eventTypes, declared),
    ...headerProblems(given.headers),
    ...(typeof rateLimit === "number" && (rateLimit < 1 || rateLimit > MAX_RATE)
      ? [problem("rateLimit", `The rate limit must be a number from 1 to ${MAX_RATE}, or null for no limit.`)]
      : []),
  ];
  if (shape.length > 0) throw new BadUserInput(shape);
  const terms: Terms = {
    name: typeof given.name === "string" ? given.name.trim() : before.name,
    url: given.url ?? before.url,
    eventTypes: eventTypes === undefined ? before.eventTypes : eventTypes && [...new Set(eventTypes)],
    condition: given.condition === undefined ? before.condition : (given.condition ?? "").trim(),
    isOrdered: given.isOrdered ?? before.isOrdered,
    rateLimit: rateLimit === undefined ? before.rateLimit : rateLimit,
  };
  const problems = conditionProblems(terms.condition, terms.eventTypes, declared);
  if (problems.length > 0) throw new BadUserInput(problems);
  return terms;
}

/** Checks a URL, and the addresses of its host. Call it outside of transactions. @throws UrlForbidden */
export async function assertCallable(policy: OutboundPolicy, url: string | null | undefined): Promise<void> {
  if (typeof url === "string") await assertUrlAllowed(policy, url, "input.url");
}

/** Returns the problems of a list of event types. */
export function typeProblems(field: string, types: readonly string[] | null | undefined, declared: DeclaredTypes): Problem[] {
  if (!types) return [];
  if (types.length === 0) return [problem(field, "List at least one event type, or pass null for all.")];
  if (types.length > MAX_TYPES) return [problem(field, `At most ${MAX_TYPES} event types are allowed. Pass null for all.`)];
  const known: readonly string[] = [...deliverableTypes, ...declared.keys()];
  return types.flatMap((type, at) =>
    known.includes(type)
      ? []
      : [problem(`${field}.${at}`, `${quote(type)} is not an event type that webhooks can receive.${suggestionFor(type, known)}`)],
  );
}

/** Returns the problems of custom headers. @param field their place in the input */
export function headerProblems(headers: readonly WebhookHeaderInput[] | null | undefined, field = "headers"): Problem[] {
  if (!headers) return [];
  if (headers.length > MAX_HEADERS) return [problem(field, `At most ${MAX_HEADERS} headers are allowed, not ${headers.length}.`)];
  const seen = new Set<string>();
  return headers.flatMap(({ name, value }, at) => {
    const lower = name.toLowerCase();
    const isKnown = seen.has(lower);
    seen.add(lower);
    return [
      ...(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(name)
        ? []
        : [problem(`${field}.${at}.name`, `${quote(name)} is not a valid header name. Use letters, digits, and hyphens.`)]),
      ...(reservedHeaders.has(lower) || reservedPrefixes.some((prefix) => lower.startsWith(prefix))
        ? [problem(`${field}.${at}.name`, `The header ${quote(name)} is reserved. Choose another name.`)]
        : []),
      ...(isKnown ? [problem(`${field}.${at}.name`, `The header ${quote(name)} is listed twice.`)] : []),
      ...(value.length <= MAX_HEADER_CHARS && /^[\t\x20-\x7e]*$/.test(value)
        ? []
        : [
            problem(
              `${field}.${at}.value`,
              `The value must have at most ${MAX_HEADER_CHARS} printable ASCII characters, and no line breaks.`,
            ),
          ]),
    ];
  });
}
