import type { AuditClass, AuditOutcome, Occurrence } from "@weft/platform/audit";
import type { errorRegistry } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { type DocumentNode, getOperationAST, type GraphQLSchema, OperationTypeNode } from "graphql";
import type { Executor } from "../executor.js";
import type { Client } from "../field-usage/client.js";
import { usedElements } from "../field-usage/used-elements.js";
import type { AnsweredError } from "../operation-log.js";
import { coordinatesIn } from "./coordinates-in.js";

/** An operation and how it was answered, over any transport. */
export interface AnsweredCall {
  readonly requestId: string;
  readonly operationName: unknown;
  /** Undefined if the text was refused before it was parsed. */
  readonly document: DocumentNode | undefined;
  readonly viewer: Viewer | null;
  readonly address: string | null;
  readonly client?: Client | undefined;
  readonly userAgent?: string | null | undefined;
  readonly errors: readonly Pick<AnsweredError, "path" | "extensions">[];
}

/**
 * What is recorded of the errors of an answer. Failed logins are not here: their user is known only to the subgraph that checks them, and it records them
 * itself.
 */
const classes = {
  FORBIDDEN: "FORBIDDEN",
  REAUTH_REQUIRED: "FORBIDDEN",
  MFA_REQUIRED: "FORBIDDEN",
  TENANT_SUSPENDED: "FORBIDDEN",
  NOT_FOUND: "NOT_FOUND",
  TRANSITION_REJECTED: "REFUSED_TRANSITION",
  PROFILE_VIOLATION: "PROFILE_VIOLATION",
  RATE_LIMITED: "LIMIT",
  QUERY_LIMIT_EXCEEDED: "LIMIT",
  INTERNAL: "FAILURE",
  SERVICE_UNAVAILABLE: "FAILURE",
} as const satisfies Partial<Record<keyof typeof errorRegistry, AuditClass>>;

const isRecorded = (code: unknown): code is keyof typeof classes => typeof code === "string" && Object.hasOwn(classes, code);

/**
 * Fields whose reading is recorded: the audit trail itself and what is made of it, names of secrets, API keys, where users are logged in, files of exports
 * and reports, privacy requests, and the rights of others. Names and email addresses of users are not among them, because nearly every page shows some.
 */
const sensitiveFields: ReadonlySet<string> = new Set([
  "Query.auditEntries",
  "Query.auditEntryCounts",
  "Query.lastActions",
  "Query.secret",
  "Query.secrets",
  "Query.apiKey",
  "Query.apiKeys",
  "Query.sessions",
  "User.sessions",
  "Query.operatorSessions",
  "Query.explainAccess",
  "Query.whoCan",
  "Query.privacyRequest",
  "Query.privacyRequests",
  "Export.file",
  "ComplianceReportFile.file",
]);
/** Fields that return objects of any type. Reading entries of the audit trail by them is recorded, too. */
const byAnyId: ReadonlySet<string> = new Set(["Query.node", "Query.nodes"]);
const isSensitive = (coordinate: string): boolean => sensitiveFields.has(coordinate) || coordinate.endsWith(".auditTrail");

const noName = "(unknown)";

/** Returns what an answer tells the audit trail, each kind once. Nothing if it belongs to no tenant. */
export function occurrencesOf(
  { schema, internalSchema }: Pick<Executor, "schema" | "internalSchema">,
  answered: AnsweredCall,
): Occurrence[] {
  const { viewer, document, requestId, address, client, userAgent = null, errors } = answered;
  if (!viewer) return [];
  const name = typeof answered.operationName === "string" ? answered.operationName : undefined;
  const operation = document && (getOperationAST(document, name) ?? undefined);
  const by = {
    actorId: viewer.userId,
    onBehalfOf: null,
    sessionId: viewer.sessionId,
    requestId,
    // The addresses of platform operators are not shown to the organizations that they visit.
    address: viewer.operatorId === null ? address : null,
    client: client && client.name !== "" && viewer.operatorId === null ? client : undefined,
    userAgent: viewer.operatorId === null ? userAgent : null,
  };
  const found = new Map<string, Occurrence>();
  const add = (kind: AuditClass, outcome: AuditOutcome, code: string | null, coordinate: string | undefined): void => {
    found.set([kind, code, coordinate].join(" "), { ...by, class: kind, outcome, code, operation: coordinate ?? noName });
  };
  // Routes such as that of SCIM call fields that clients do not see.
  const coordinateAt = operation && errors.length > 0 ? coordinatesIn(internalSchema, document, operation) : undefined;
  for (const { path, extensions } of errors) {
    const code = extensions?.["code"];
    if (!isRecorded(code)) continue;
    const kind = classes[code];
    // A query that failed has changed nothing, and can be repeated.
    if (kind === "FAILURE" && operation?.operation !== OperationTypeNode.MUTATION) continue;
    add(kind, kind === "FAILURE" ? "FAILED" : "REFUSED", code, coordinateAt?.(path));
  }
  // If a document was refused as a whole, its errors have no path.
  if (operation && errors.every(({ path }) => path !== undefined))
    for (const coordinate of sensitiveIn(schema, document, name)) add("SENSITIVE_READ", "SUCCESS", null, coordinate);
  return [...found.values()].filter(({ class: kind, operation: at }) => kind !== "SENSITIVE_READ" || !isRefused(found.values(), at));
}

const isRefused = (all: Iterable<Occurrence>, operation: string): boolean =>
  [...all].some((each) => each.outcome === "REFUSED" && each.operation === operation);

const known = new WeakMap<object, readonly string[]>();

/** Returns the sensitive fields of an operation. Parsed documents are cached by their texts, so each is read once. */
function sensitiveIn(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): readonly string[] {
  const used = usedElements(schema, document, operationName);
  const before = known.get(used);
  if (before) return before;
  const readsEntries = used.coordinates.some((coordinate) => coordinate.startsWith("AuditEntry."));
  const found = used.coordinates.filter((coordinate) => isSensitive(coordinate) || (readsEntries && byAnyId.has(coordinate)));
  known.set(used, found);
  return found;
}
