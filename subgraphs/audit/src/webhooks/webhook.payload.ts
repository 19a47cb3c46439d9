/** The query that selects the payload of a webhook, and the user with whose rights it runs. */
import { textProblems, type Problem, type Viewer } from "@weft/shared";
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
 */
export function readPayload(
  { userId }: Pick<Viewer, "userId">,
  before: PayloadTerms & Pick<WebhookRow, "url">,
  { payload, url, headers }: Pick<UpdateWebhookInput, "payload" | "url" | "headers">,
): PayloadTerms {
  const query = payload === undefined ? before.payloadQuery : (payload?.query ?? null);
  if (query === null) return { payloadQuery: null, payloadUserId: null };
  const isSame = payload === undefined && headers === undefined && (typeof url !== "string" || url === before.url);
  return { payloadQuery: query, payloadUserId: isSame ? before.payloadUserId : userId };
}
