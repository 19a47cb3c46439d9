import { GraphQLError, OperationTypeNode, getOperationAST } from "graphql";
import type { DocumentNode, OperationDefinitionNode } from "graphql";
import { quote } from "@weft/shared/errors";
import { LRUCache } from "lru-cache";
import type { OperationContext } from "./context.js";
import type { Executor, Operation, OperationResult } from "./executor.js";
import type { Anonymous } from "./limits/anonymous.js";
import { rootFieldsOf } from "./limits/anonymous.js";
import { assertWithinLimits, parseWithinLimits } from "./limits/limits.js";
import type { Limits } from "./limits/limits.js";

/**
 * Runs a query or mutation over any transport: first limits, then the login check of clients, then validation, planning, and execution. Throws the
 * refusal.
 */
export async function runOperation(
  executor: Executor,
  { limits, anonymous }: { readonly limits: Limits; readonly anonymous: Pick<Anonymous, "assertMayRun" | "loggedIn"> },
  operation: Operation,
  context: OperationContext,
): Promise<OperationResult> {
  const document = parseDocument(operation.query, limits);
  const schema = operation.isInternal ? executor.internalSchema : executor.schema;
  assertWithinLimits(schema, document, operation.operationName, operation.variables, limits);
  const definition = resolveOperation(document, operation.operationName);
  if (definition.operation === OperationTypeNode.SUBSCRIPTION) {
    const message =
      "Subscriptions are answered by a stream. Send Accept: text/event-stream, or connect to the same URL over WebSocket with the protocol graphql-transport-ws and send the token in connection_init as { authorization }.";
    throw new GraphQLError(message, { extensions: { code: "BAD_REQUEST" } });
  }
  if (context.viewer || operation.isInternal) return executor.execute(operation, context);
  await anonymous.assertMayRun(document, context.address ?? "");
  const result = await executor.execute(operation, context);
  if (definition.operation === OperationTypeNode.MUTATION && context.counted) {
    const fields = rootFieldsOf(document, definition.selectionSet);
    if (!newUsers.some((name) => fields.has(name)))
      await anonymous.loggedIn(context.counted, result.data, secondSteps.some((name) => fields.has(name)) ? 2 : 1);
  }
  return result;
}

/** Mutations that end a login which another request has begun. */
const secondSteps = ["completeLogin", "loginWithPasskey", "completeSingleSignOn"] as const;

/** Mutations that make users. Each makes another one, so a limit per user would not hold them back. */
const newUsers = ["registerOrganization", "acceptInvitation"] as const;

/** Returns the operation with that name, or the only operation. Throws with the code OPERATION_RESOLUTION_FAILURE. */
export function resolveOperation(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, operationName);
  if (operation) return operation;
  const message =
    operationName === undefined
      ? "The document does not contain exactly one operation. Choose one with operationName."
      : `The document does not contain the operation ${quote(operationName)}.`;
  throw new GraphQLError(message, { extensions: { code: "OPERATION_RESOLUTION_FAILURE" } });
}

/**
 * Clients send the same few texts repeatedly. Each cache is limited by the length of the texts, so a flood of new ones can only evict its entries. There
 * is one for each token limit. The text itself is the key, because a longer key made of it would be hashed anew for each request.
 */
const parsed = new Map<number, LRUCache<string, DocumentNode>>();

function documentsWithin({ tokens }: Limits): LRUCache<string, DocumentNode> {
  let documents = parsed.get(tokens);
  if (!documents) {
    documents = new LRUCache({ maxSize: 4_000_000, maxEntrySize: 100_000, sizeCalculation: (_document, text) => text.length + 1 });
    parsed.set(tokens, documents);
  }
  return documents;
}

/**
 * Documents of applications, by their texts. They were bounded when they were stored, and no flood of other texts evicts them. The text of a stored
 * document is the same object each time, so that finding it neither hashes nor compares its characters.
 */
const stored = new LRUCache<string, DocumentNode>({ maxSize: 4_000_000, sizeCalculation: (_document, text) => text.length + 1 });

/** Parses a stored document, and keeps it apart from others. @throws as `parseDocument` */
export function keepStoredDocument(query: string, limits: Limits): void {
  if (!stored.has(query)) stored.set(query, parseDocument(query, limits));
}

/** Returns the document of a recently parsed text, or undefined if it was refused or evicted. */
export function knownDocument(query: unknown, limits: Limits): DocumentNode | undefined {
  return typeof query === "string" ? (stored.get(query) ?? documentsWithin(limits).get(query)) : undefined;
}

/**
 * Returns the document of an answered text. One that is too long to be kept, or was evicted, is parsed again if it was executed: it has no errors.
 */
export function answeredDocument(
  query: unknown,
  limits: Limits,
  { isExecuted }: { readonly isExecuted: boolean },
): DocumentNode | undefined {
  const known = knownDocument(query, limits);
  return known ?? (isExecuted && typeof query === "string" ? parseDocument(query, limits) : undefined);
}

/** Parses a document within the token limit. Syntax errors get the same code as in the executor. */
export function parseDocument(query: string, limits: Limits): DocumentNode {
  const known = knownDocument(query, limits);
  if (known) return known;
  try {
    const document = parseWithinLimits(query, limits);
    documentsWithin(limits).set(query, document);
    return document;
  } catch (error) {
    if (error instanceof GraphQLError && error.extensions["code"] === undefined) error.extensions["code"] = "GRAPHQL_PARSE_FAILED";
    throw error;
  }
}
