import { encodeId } from "@weft/shared";
import type { Logger, Viewer } from "@weft/shared";
import type { DocumentNode } from "graphql";
import { getOperationAST, Kind } from "graphql";

/** An operation that has been answered, over whatever transport. */
export interface AnsweredOperation {
  readonly transport: "http" | "websocket";
  readonly requestId: string;
  /** As the client named it. */
  readonly operationName: unknown;
  /** Undefined where the text was refused before it was parsed. */
  readonly document: DocumentNode | undefined;
  readonly viewer: Viewer | null;
  readonly durationMs: number;
  /** The first error of the answer. */
  readonly error?: { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> | undefined } | undefined;
}

export interface OperationLogOptions {
  readonly log: Logger;
  /** With the message of the refusal. It may repeat what the caller sent, so production leaves it out. */
  readonly hasReasons: boolean;
}

export type OperationLog = (answered: AnsweredOperation, level?: "info" | "debug") => void;

/** Longest name, and most root fields, that a line shows. */
const maxName = 80;
const maxFields = 3;

/** Writes one line for each operation: its name, tenant, user, duration and code. What this process asks itself is logged at `debug`. */
export function createOperationLog({ log, hasReasons }: OperationLogOptions): OperationLog {
  return ({ transport, requestId, operationName, document, viewer, durationMs, error }, level = "info") => {
    if (!log.isLevelEnabled(level)) return;
    const code = error?.extensions?.["code"];
    log[level](
      {
        requestId,
        transport,
        ...describe(document, operationName),
        ...(viewer && { tenant: viewer.tenantSlug, tenantId: viewer.tenantId, userId: encodeId("user", viewer.userId) }),
        ...(viewer?.operatorId !== null && viewer !== null && { operatorId: viewer.operatorId }),
        durationMs: Math.round(durationMs * 10) / 10,
        code: error === undefined ? "OK" : typeof code === "string" ? code : "ERROR",
        ...(error !== undefined && hasReasons && { refusal: error.message }),
      },
      "operation",
    );
  };
}

/** What kind of operation it is, and its name; without one the root fields. Names of callers are of GraphQL's letters alone, and short. */
function describe(document: DocumentNode | undefined, operationName: unknown): { kind?: string; operation: string } {
  const given = typeof operationName === "string" && /^[_A-Za-z]\w*$/.test(operationName) ? operationName : undefined;
  const definition = document && getOperationAST(document, given);
  if (!definition) return { operation: (given ?? "unnamed").slice(0, maxName) };
  const fields = definition.selectionSet.selections.flatMap((one) => (one.kind === Kind.FIELD ? [one.name.value] : []));
  const named = definition.name?.value ?? `{ ${fields.slice(0, maxFields).join(" ")}${fields.length > maxFields ? " …" : ""} }`;
  return { kind: definition.operation, operation: named.slice(0, maxName) };
}
