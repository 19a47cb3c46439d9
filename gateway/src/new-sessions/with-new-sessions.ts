import { WeftError } from "@weft/shared/errors";
import { getOperationAST, OperationTypeNode, validate } from "graphql";
import type { DocumentNode, GraphQLSchema } from "graphql";
import { LRUCache } from "lru-cache";
import type { OperationContext } from "../context.js";
import { maskError } from "../errors/mask.js";
import { withoutLocations } from "../errors/without-locations.js";
import type { Executor, Operation, OperationResult } from "../executor.js";
import { executorOver } from "../executor-over.js";
import { keptForLast } from "../federation/kept-for-last.js";
import { rootFieldsOf } from "../limits/anonymous.js";
import type { Limits } from "../limits/limits.js";
import type { Planning } from "../limits/planning.js";
import { parseDocument } from "../operations.js";
import type { Authenticate } from "../viewer/authenticate.js";
import { sessionMutations, splitAtNewSessions, type SessionPayload, type SplitOperation } from "./split.js";

/**
 * Returns an executor in which the user of a newly opened session is the viewer of that user's fields in the payload. At the beginning of `login` or
 * `registerOrganization` nobody is logged in, so roles, teams, and other subgraphs' fields of the user would be refused. Therefore `user` is queried
 * again as `me` of the new session, with the token that was just issued and exactly the rights of that session. The rest of the operation keeps its
 * original viewer.
 */
export function withNewSessions(executor: Executor, { authenticate, planning, limits }: NewSessionsOptions): Executor {
  const partsOf = keptForLast((schema: GraphQLSchema) => ({
    mutations: sessionMutations(schema),
    /** Recently validated texts, and whether they are valid. Limited by their total length. */
    known: new LRUCache<string, boolean>({ maxSize: 4_000_000, sizeCalculation: (_isValid, text) => text.length + 1 }),
  }));

  function opensSessions(document: DocumentNode, { operationName }: Operation): boolean {
    const definition = getOperationAST(document, operationName);
    if (definition?.operation !== OperationTypeNode.MUTATION) return false;
    const fields = rootFieldsOf(document, definition.selectionSet);
    return partsOf(executor.schema).mutations.some((name) => fields.has(name));
  }

  /** Invalid documents are left to the executor, which reports the errors. */
  async function isValid(document: DocumentNode, { query }: Operation, context: OperationContext): Promise<boolean> {
    const { schema } = executor;
    const { known } = partsOf(schema);
    const before = known.get(query);
    if (before !== undefined) return before;
    const valid = await planning.turn(context, () => validate(schema, document, undefined, { maxErrors: 1 }).length === 0);
    known.set(query, valid);
    return valid;
  }

  async function splitOf(operation: Operation, context: OperationContext): Promise<SplitOperation | null> {
    const { schema } = executor;
    if (!partsOf(schema).mutations.some((name) => operation.query.includes(name))) return null;
    const document = parseDocument(operation.query, limits);
    if (!opensSessions(document, operation) || !(await isValid(document, operation, context))) return null;
    return splitAtNewSessions(schema, document, operation);
  }

  return executorOver(executor, async (operation, context) => {
    const split = await splitOf(operation, context);
    if (!split) return executor.execute(operation, context);
    let result = withoutLocations(await executor.execute(split.mutation, context));
    for (const payload of split.payloads) result = await withUsers(executor, authenticate, { context, payload, result });
    return result;
  });
}

export interface NewSessionsOptions {
  readonly authenticate: Authenticate;
  /** Schedules the validation of new texts. */
  readonly planning: Pick<Planning, "turn">;
  readonly limits: Limits;
}

interface Opened {
  readonly context: OperationContext;
  readonly payload: SessionPayload;
  readonly result: OperationResult;
}

async function withUsers(executor: Executor, authenticate: Authenticate, { context, payload, result }: Opened): Promise<OperationResult> {
  const { root, token, isTokenShown, users, query } = payload;
  const opened = result.data?.[root];
  if (!isRecord(opened)) return result;
  const { [token]: accessToken, ...rest } = opened;
  const answer = await asSession(authenticate, String(accessToken), context)
    .then((asked) => executor.execute(query, asked).then(withoutLocations))
    .catch((error: unknown): Pick<OperationResult, "data" | "errors" | "extensions"> => {
      if (!(error instanceof WeftError)) throw error;
      return { errors: [{ ...maskError(error, context.requestId).client, path: users.slice(0, 1) }] };
    });
  const errors = (answer.errors ?? []).map((error) => ({ ...error, path: [root, ...(error.path ?? [])] }));
  const shown = isTokenShown ? opened : rest;
  const found = Object.fromEntries(users.map((key) => [key, answer.data?.[key] ?? null]));
  // The user of a payload is not nullable, so without a user the payload itself is null.
  const whole = Object.values(found).includes(null) ? null : { ...shown, ...found };
  return {
    ...result,
    data: { ...result.data, [root]: whole },
    ...((result.errors || errors.length > 0) && { errors: [...(result.errors ?? []), ...errors] }),
    ...((result.extensions || answer.extensions) && { extensions: { ...answer.extensions, ...result.extensions } }),
  };
}

/** @throws Unauthenticated if the session has already ended, for example because of a later mutation in the document */
async function asSession(authenticate: Authenticate, accessToken: string, context: OperationContext): Promise<OperationContext> {
  const claims = await authenticate.claimsOf(`Bearer ${accessToken}`);
  if (!claims) throw new Error("A session was opened without an access token.");
  const { viewer } = await authenticate.viewerOf(claims, context.address);
  return { ...context, viewer };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
