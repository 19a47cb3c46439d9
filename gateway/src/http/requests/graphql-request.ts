import { describedIssues, parsedBy } from "@weft/shared/texts";
import { GraphQLError } from "graphql";
import { z } from "zod";
import { type AskedConsistency, consistencyIn } from "../../consistency/asked.js";
import type { Operation } from "../../executor.js";
import { persistedQueryCodes } from "../answer.js";
import { HttpRefusal } from "../refusal.js";

/** An operation as a client sends it: its text, or what stands for it. */
export interface SentOperation extends Omit<Operation, "query" | "isInternal"> {
  /** The text. Undefined if only an ID or a hash was sent. */
  readonly query: string | undefined;
  /** ID of a stored document. */
  readonly documentId: string | undefined;
  /** SHA-256 hash of the text, or the ID of a stored document: Apollo's clients send either in the same place. */
  readonly hash: string | undefined;
  /** What the extensions ask of the state that the answer shows. */
  readonly consistency: AskedConsistency | undefined;
  /** Whether the client asks for the cost of the operation, with `extensions: { cost: true }`. */
  readonly asksForCost?: true;
  /** Whether a stream is to say when its subscription has caught up, with `extensions: { livePings: true }`. */
  readonly wantsLivePings?: true;
}

const documentId = z.string().regex(/^[\x21-\x7e]{1,200}$/, "must be 1 to 200 printable ASCII characters");

const body = z.object({
  query: z.string().nullish(),
  documentId: documentId.nullish(),
  operationName: z.string().max(200).nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.record(z.string(), z.unknown()).nullish(),
});

/** Parameters of a GET, as defined by GraphQL over HTTP: `variables` and `extensions` are JSON texts. */
const parameters = z.strictObject({
  query: z.string("must contain the text of the query").optional(),
  documentId: z.string().optional(),
  operationName: z.string().optional(),
  variables: z.string().optional(),
  extensions: z.string().optional(),
});

/** What Apollo's clients send: the hash of a query (automatic persisted queries), or the ID of a stored document (persisted query lists). */
const persistedQuery = z.object({ version: z.number(), sha256Hash: documentId });

/** @throws HttpRefusal (400), GraphQLError for another version, by which Apollo's clients know that they must send the text alone */
function hashIn({ persistedQuery: value }: Readonly<Record<string, unknown>>): string | undefined {
  if (value === undefined || value === null) return undefined;
  const parsed = parsedBy(persistedQuery, value);
  if (!parsed.success) {
    const where = describedIssues(parsed.error.issues.slice(0, 5), "extensions.persistedQuery");
    throw new HttpRefusal(400, `This is not a persisted query. ${where.join("; ")}.`);
  }
  if (parsed.data.version === 1) return parsed.data.sha256Hash;
  throw new GraphQLError("PersistedQueryNotSupported", { extensions: { code: persistedQueryCodes.notSupported } });
}

/** Reads a query sent with GET. @throws HttpRefusal (400), GraphQLError for an unknown kind of hash */
export function parseQueryString(value: unknown): SentOperation {
  const parsed = parsedBy(parameters, value);
  if (!parsed.success) {
    const where = describedIssues(parsed.error.issues.slice(0, 5), "query string");
    throw new HttpRefusal(
      400,
      `The URL is not a GraphQL request. ${where.join("; ")}. Example: /graphql?query={__typename}. The explorer is at /explorer.`,
    );
  }
  const { query, documentId: id, operationName, variables, extensions } = parsed.data;
  return parseOperation({
    // Clients send an empty text for omitted parameters.
    ...(query && { query }),
    ...(id && { documentId: id }),
    ...(operationName && { operationName }),
    ...(variables && { variables: jsonParameter("variables", variables) }),
    ...(extensions && { extensions: jsonParameter("extensions", extensions) }),
  });
}

function jsonParameter(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, `The parameter ${name} is not valid JSON. Encode it with encodeURIComponent(JSON.stringify(${name})).`);
  }
}

/**
 * Reads a GraphQL request. Over WebSocket, the payload of `subscribe` has the same shape.
 * @throws HttpRefusal (400), GraphQLError for an unknown kind of hash, BadUserInput
 */
export function parseOperation(value: unknown): SentOperation {
  if (Array.isArray(value)) throw new HttpRefusal(400, "Batches are not supported. Send one operation per request.");
  const parsed = parsedBy(body, value);
  if (!parsed.success) {
    const where = describedIssues(parsed.error.issues.slice(0, 5), "body");
    throw new HttpRefusal(400, `This is not a GraphQL request. ${where.join("; ")}.`);
  }
  const { operationName, variables, extensions } = parsed.data;
  const query = parsed.data.query ?? undefined;
  const id = parsed.data.documentId ?? undefined;
  const hash = hashIn(extensions ?? {});
  const isShort = id !== undefined || hash !== undefined;
  if (query === undefined && !isShort)
    throw new HttpRefusal(
      400,
      "This is not a GraphQL request. It has no query. Send the text of the operation, or the documentId of a stored one.",
    );
  return {
    // The protocol over WebSocket requires a text, so clients with an ID send an empty one.
    query: query === "" && isShort ? undefined : query,
    documentId: id,
    hash,
    consistency: consistencyIn(extensions),
    variables: variables ?? {},
    ...(typeof operationName === "string" && { operationName }),
    ...(extensions?.["cost"] === true && { asksForCost: true }),
    ...(extensions?.["livePings"] === true && { wantsLivePings: true }),
  };
}
