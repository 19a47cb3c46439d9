import type { AuditClass, AuditOutcome, Occurrence } from "@weft/platform/audit";
import type { errorRegistry } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { type DocumentNode, getOperationAST, type GraphQLSchema, type OperationDefinitionNode, OperationTypeNode } from "graphql";
import type { Executor } from "../executor.js";
import type { Client } from "../field-usage/client.js";
import { usedElements } from "../field-usage/used-elements.js";
import type { AnsweredError } from "../operation-log.js";
import { coordinatesIn, placesOf } from "./coordinates-in.js";

/** An operation and how it was answered, over any transport. */
export interface AnsweredCall {
  readonly requestId: string;
  readonly operationName: unknown;
  /** Undefined if the text was refused before it was parsed, or if it was refused and is no longer known. */
  readonly document: DocumentNode | undefined;
  readonly viewer: Viewer | null;
  readonly address: string | null;
  readonly client?: Client | undefined;
  readonly userAgent?: string | null | undefined;
  readonly errors: readonly Pick<AnsweredError, "path" | "extensions">[];
  /** Absent: if none of the errors is about the whole operation. */
  readonly hasData?: boolean | undefined;
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
  "Subscription.auditEntrySealed",
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
  "AuditExport.file",
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
  const operation = document && operationOf(document, answered.operationName);
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
  const paths = errors.flatMap(({ path }) => (path === undefined ? [] : [path]));
  if (operation && (answered.hasData ?? paths.length === errors.length))
    for (const coordinate of readIn(sensitivePlaces(schema, document, operation), paths))
      add("SENSITIVE_READ", "SUCCESS", null, coordinate);
  return [...found.values()];
}

/** The operation that was executed. An empty name stands for the only one. */
const operationOf = (document: DocumentNode, name: unknown): OperationDefinitionNode | undefined =>
  getOperationAST(document, typeof name === "string" && name !== "" ? name : undefined) ?? undefined;

type Places = ReadonlyMap<string, readonly (readonly string[])[]>;

/**
 * Returns the fields of which something was read: an answer has nothing at the path of an error, or below it. In a list, other items can have been read. A
 * field that was refused at one place can have been read at another one.
 */
function readIn(places: Places, errors: readonly (readonly (string | number)[])[]): readonly string[] {
  const empty = new Set(errors.filter((path) => path.every((key) => typeof key === "string")).map((path) => path.join(".")));
  const isEmpty = (place: readonly string[]): boolean => place.some((_key, index) => empty.has(place.slice(0, index + 1).join(".")));
  return [...places].filter(([, all]) => !all.every(isEmpty)).map(([coordinate]) => coordinate);
}

const none: Places = new Map();
const known = new WeakMap<GraphQLSchema, WeakMap<OperationDefinitionNode, Places>>();

/** Returns the sensitive fields of an operation, and where it selects them. Parsed documents are cached by their texts, so each is read once. */
function sensitivePlaces(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Places {
  const { coordinates } = usedElements(schema, document, operation.name?.value);
  const readsEntries = coordinates.some((coordinate) => coordinate.startsWith("AuditEntry."));
  const wanted = coordinates.filter((coordinate) => isSensitive(coordinate) || (readsEntries && byAnyId.has(coordinate)));
  if (wanted.length === 0) return none;
  let operations = known.get(schema);
  if (!operations) known.set(schema, (operations = new WeakMap()));
  let places = operations.get(operation);
  if (!places) operations.set(operation, (places = placesOf(schema, document, operation, new Set(wanted))));
  return places;
}
