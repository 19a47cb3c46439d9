/** The query that selects the payload of a webhook, and the user with whose rights it runs. */
import { Forbidden, type Problem } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import type { Viewer } from "@weft/shared/viewer";
import type { WebhookPayloadInput } from "./webhook.input.js";
import type { WebhookRow } from "./webhook.store.js";
import type { UpdateWebhookInput } from "./webhook.type.js";

const MAX_QUERY_CHARS = 10_000;

export type PayloadTerms = Pick<WebhookRow, "payloadQuery" | "payloadUserId" | "payloadGeneration">;

/** Returns the problems of the text. The gateway has checked it against the schema, and checks it again whenever it runs. */
export const payloadProblems = (payload: WebhookPayloadInput | null | undefined): Problem[] =>
  textProblems("input.payload.query", payload?.query, { max: MAX_QUERY_CHARS, hasLines: true });

/**
 * Applies an input. The query runs with the rights of the caller, and of nobody else, if the caller changes what is sent, or where: so nobody can send
 * themselves what only another user sees. The query would run without the limits of an API key, so keys can neither change it nor where its result is
 * sent. The generation is raised, so that bodies from before are not sent to a new destination.
 * @throws Forbidden
 */
export function readPayload(
  { userId, apiKey }: Pick<Viewer, "userId" | "apiKey">,
  before: PayloadTerms & Pick<WebhookRow, "url">,
  { payload, url, headers }: Pick<UpdateWebhookInput, "payload" | "url" | "headers">,
): PayloadTerms {
  const query = payload === undefined ? before.payloadQuery : (payload?.query ?? null);
  const isSameDestination = headers === undefined && (typeof url !== "string" || url === before.url);
  const isKept = payload === undefined && isSameDestination;
  const payloadUserId = query === null ? null : isKept ? before.payloadUserId : userId;
  if (apiKey !== null && query !== null && !isKept)
    throw new Forbidden("API keys cannot do this: the query of the payload runs with all rights of its user. Log in as a user.");
  const isNew = !isSameDestination || query !== before.payloadQuery || payloadUserId !== before.payloadUserId;
  return { payloadQuery: query, payloadUserId, payloadGeneration: before.payloadGeneration + (isNew ? 1 : 0) };
}
