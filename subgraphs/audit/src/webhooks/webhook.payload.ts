/** The query that selects the payload of a webhook, and the user with whose rights it runs. */
import { Conflict, quote, textProblems, type Problem, type Viewer } from "@weft/shared";
import type { UpdateWebhookInput, WebhookPayloadInput } from "./webhook.input.js";
import type { WebhookRow } from "./webhook.store.js";

const MAX_QUERY_CHARS = 10_000;

export type PayloadTerms = Pick<WebhookRow, "payloadQuery" | "payloadUserId">;

/** Returns the problems of the text. The gateway has checked it against the schema, and checks it again whenever it runs. */
export const payloadProblems = (payload: WebhookPayloadInput | null | undefined): Problem[] =>
  textProblems("input.payload.query", payload?.query, { max: MAX_QUERY_CHARS, hasLines: true });

/**
 * Applies an input. The query runs with the rights of the caller, and of nobody else, if the caller changes what is sent, or where: so nobody can send
 * themselves what only another user sees.
 * @throws Conflict for platform operators, whose rights end with their session
 */
export function readPayload(
  viewer: Viewer,
  before: PayloadTerms & Pick<WebhookRow, "name" | "url">,
  { payload, url, headers }: Pick<UpdateWebhookInput, "payload" | "url" | "headers">,
): PayloadTerms {
  const query = payload === undefined ? before.payloadQuery : (payload?.query ?? null);
  if (query === null) return { payloadQuery: null, payloadUserId: null };
  const isSameDestination = headers === undefined && (typeof url !== "string" || url === before.url);
  if (payload === undefined && isSameDestination) return { payloadQuery: query, payloadUserId: before.payloadUserId };
  if (viewer.operatorId !== null)
    throw new Conflict(
      `The payload of the webhook ${quote(before.name)} is selected with the rights of a user of the organization. A user of the organization must make this change.`,
    );
  return { payloadQuery: query, payloadUserId: viewer.userId };
}
