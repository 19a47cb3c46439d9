import { Buffer } from "node:buffer";
import { BadUserInput, Forbidden } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { refusalOfRun, type StepOperation, type StepOperationResult } from "@weft/api/step-operations";
import { OperationTypeNode } from "graphql";
import type { GraphQLFormattedError } from "graphql";
import { maskError } from "../errors/mask.js";
import type { Executor, OperationResult } from "../executor.js";
import { assertWithinLimits } from "../limits/limits.js";
import type { Limits } from "../limits/limits.js";
import { withEnding } from "../live/subscriptions/ending.js";
import { isPassing } from "../live/subscriptions/event-execution.js";
import { parseDocument, resolveOperation } from "../operations.js";
import { withIdempotencyKeys } from "./idempotency-keys.js";

/** Longer results are refused: they would be stored with the run. */
const MAX_RESULT_BYTES = 256 * 1024;

/** As many as triggers can follow each other. */
const MAX_RUNS_BEFORE = 8;
const ENDLESS = `${MAX_RUNS_BEFORE} runs have started each other before this one, which is the maximum. Use a schedule for work that repeats, or for_each for a list.`;

const LOST = "The gateway that ran the mutation was lost, so nobody knows whether it has happened.";

export interface StepOperationRequest {
  readonly operation: StepOperation;
  /** The user as whom it runs. */
  readonly viewer: Viewer;
  /** Counts the runs that have led to this one. */
  readonly runsBefore: () => Promise<number>;
  readonly timeoutMs: number;
  readonly limits: Limits;
}

/**
 * Runs the operation of a step as the operation of a client with the user's rights: limits, validation and every rule apply. The run takes the place of
 * the request and of the session, so the audit trail shows the user and the run. Any error is the error of the step. Never throws.
 */
export async function runStepOperation(
  executor: Pick<Executor, "execute" | "schema">,
  request: StepOperationRequest,
): Promise<StepOperationResult> {
  const requestId = encodeId("run", request.operation.runId);
  const { data, errors = [] } = await run(executor, request, requestId).catch(
    (error: unknown): Pick<OperationResult, "data" | "errors"> => ({ errors: [maskError(error, requestId).client] }),
  );
  const first = errors.find(({ extensions }) => isPassing(extensions?.["code"])) ?? errors[0];
  if (first) return failureOf(first);
  if (!data) return { ok: false, code: "INTERNAL", message: "The operation has no result.", isFinal: true };
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes <= MAX_RESULT_BYTES) return { ok: true, data };
  const message = `The result has ${bytes} bytes. The maximum is ${MAX_RESULT_BYTES}. Select fewer fields, or a smaller page.`;
  return { ok: false, code: "RESPONSE_TOO_LARGE", message, isFinal: true };
}

async function run(
  executor: Pick<Executor, "execute" | "schema">,
  { operation, viewer, runsBefore, timeoutMs, limits }: StepOperationRequest,
  requestId: string,
): Promise<Pick<OperationResult, "data" | "errors">> {
  const { query, variables, idempotencyKey: key, causeId } = operation;
  const document = parseDocument(query, limits);
  const definition = resolveOperation(document, undefined);
  if (definition.operation === OperationTypeNode.SUBSCRIPTION)
    throw new BadUserInput([
      { path: "with.query", message: "The operation must be a query or a mutation. Wait for events with the step type wait." },
    ]);
  const isMutation = definition.operation === OperationTypeNode.MUTATION;
  // The definition may have been published by an earlier release, whose list was another one.
  const refusal = refusalOfRun(document, definition);
  if (refusal !== null) throw new Forbidden(refusal);
  if (isMutation && operation.wasBegun) return { errors: [{ message: LOST, extensions: { code: "UNKNOWN_OUTCOME" } }] };
  // Every mutation can start something, itself or by a trigger. Each of the runs ends, so no limit of running instances is reached.
  if (isMutation && (await runsBefore()) >= MAX_RUNS_BEFORE)
    return { errors: [{ message: ENDLESS, extensions: { code: "WORKFLOW_LIMIT" } }] };
  const sent = isMutation ? withIdempotencyKeys(executor.schema, document, definition, { variables, key }) : { query, variables };
  assertWithinLimits(executor.schema, parseDocument(sent.query, limits), undefined, sent.variables, limits);
  return withEnding({ timeoutMs }, (ending) =>
    executor.execute(sent, { viewer, requestId, address: null, userAgent: null, traceId: null, causeId: causeId ?? undefined, ...ending }),
  );
}

/** Only what can succeed a moment later is tried again, unless the step says otherwise. */
function failureOf({ message, path = [], extensions }: GraphQLFormattedError): StepOperationResult {
  const code = typeof extensions?.["code"] === "string" ? extensions["code"] : "INTERNAL";
  const problems = extensions?.["problems"];
  const [problem] = Array.isArray(problems) ? (problems as readonly { readonly path?: string; readonly message?: string }[]) : [];
  const place = path.length === 0 ? "" : ` (at ${path.join(".")})`;
  const detail = problem?.path ? ` ${problem.path}: ${problem.message ?? ""}` : "";
  return {
    ok: false,
    code,
    message: `${message}${place}${message.includes(problem?.message ?? "") ? "" : detail}`,
    isFinal: !isPassing(code),
  };
}
