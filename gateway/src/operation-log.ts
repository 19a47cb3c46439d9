import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Logger } from "@weft/platform/logging";
import type { DocumentNode } from "graphql";
import { getOperationAST, Kind } from "graphql";
import type { Client } from "./field-usage/client.js";
import type { Transport } from "./metrics.js";

/** An answered operation, over any transport. */
export interface AnsweredOperation {
  readonly transport: Transport;
  readonly requestId: string;
  /** The name that the client gave. */
  readonly operationName: unknown;
  /** Undefined if the text was refused before it was parsed. */
  readonly document: DocumentNode | undefined;
  readonly viewer: Viewer | null;
  /** The client's IP address, which is logged only if an authentication was refused. */
  readonly address: string;
  /** The program that sent it, as it named itself. Absent if nobody asked. */
  readonly client?: Client;
  readonly userAgent?: string | null;
  readonly durationMs: number;
  /** The first error of the response. */
  readonly error?: AnsweredError | undefined;
  /** Whether the response has data. Absent: if none of its errors is about the whole operation. */
  readonly hasData?: boolean;
  /** All errors of the response, if the transport knows them. */
  readonly errors?: readonly AnsweredError[] | undefined;
  /** Only of subscriptions: whether this is about their beginning, when the client begins to read, or about their end. */
  readonly phase?: "begun" | "ended";
}

export interface AnsweredError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

export interface OperationLogOptions {
  readonly log: Logger;
  /** Whether to include the message of the refusal. It can repeat the caller's input, so production omits it. */
  readonly hasReasons: boolean;
}

export type OperationLog = (answered: AnsweredOperation, level?: "info" | "debug") => void;

/** Maximum length of a name, and maximum number of root fields, in a line. */
const maxName = 80;
const maxFields = 3;

/** Codes of refused logins, tokens and links, and of too many attempts. */
const refusedAuthentication: ReadonlySet<unknown> = new Set([
  "UNAUTHENTICATED",
  "MFA_REQUIRED",
  "PASSWORD_CHANGE_REQUIRED",
  "RATE_LIMITED",
]);

/** Logs one line per operation, for subscriptions at their end: its name, tenant, user, duration, and code. Requests of this process to itself are logged at the level `debug`. */
export function createOperationLog({ log, hasReasons }: OperationLogOptions): OperationLog {
  return ({ transport, requestId, operationName, document, viewer, address, durationMs, error, phase }, level = "info") => {
    if (phase === "begun" || !log.isLevelEnabled(level)) return;
    const code = error?.extensions?.["code"];
    log[level](
      {
        requestId,
        transport,
        ...describe(document, operationName),
        ...(viewer && { tenant: viewer.tenantSlug, tenantId: viewer.tenantId, userId: encodeId("user", viewer.userId) }),
        ...(viewer && viewer.apiKey !== null && { apiKeyId: encodeId("apiKey", viewer.apiKey.id) }),
        ...(viewer?.operatorId !== null && viewer !== null && { operatorId: viewer.operatorId }),
        durationMs: Math.round(durationMs * 10) / 10,
        code: error === undefined ? "OK" : typeof code === "string" ? code : "ERROR",
        // Shown on purpose, under a name that the logger does not redact: without it, nobody can tell who guesses passwords of unknown users, for whom
        // there is no audit entry. Other lines do not need the address, which is personal data.
        ...(refusedAuthentication.has(code) && { address }),
        ...(error !== undefined && hasReasons && { refusal: error.message }),
      },
      "operation",
    );
  };
}

/**
 * Returns the kind of the operation and its name, or the root fields if it has none. Callers' names are short and contain only the characters that
 * GraphQL allows.
 */
function describe(document: DocumentNode | undefined, operationName: unknown): { kind?: string; operation: string } {
  const given = typeof operationName === "string" && /^[_A-Za-z]\w*$/.test(operationName) ? operationName : undefined;
  const definition = document && getOperationAST(document, given);
  if (!definition) return { operation: (given ?? "unnamed").slice(0, maxName) };
  const fields = definition.selectionSet.selections.flatMap((one) => (one.kind === Kind.FIELD ? [one.name.value] : []));
  const named = definition.name?.value ?? `{ ${fields.slice(0, maxFields).join(" ")}${fields.length > maxFields ? " …" : ""} }`;
  return { kind: definition.operation, operation: named.slice(0, maxName) };
}
