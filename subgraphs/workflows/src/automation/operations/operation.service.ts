import {
  actorOf,
  cancelRun as cancel,
  pauseRun as pause,
  rerun,
  resumeRun as resume,
  retryFromStep as retry,
  type RunRequest,
} from "@weft/engine";
import { NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { keyedInputs } from "../../secrets/keyed-inputs.js";
import { findRun } from "../run.store.js";
import { toRun, type Run } from "../run.type.js";
import type { CancelRunInput, RerunWorkflowInput, RetryFromStepInput } from "./operation.input.js";

/** Returns one run, if the viewer can see its instance. */
export const readRun = (ctx: Context, id: string): Promise<Run> => ctx.read((tx) => getRun(tx, ctx, id));

async function getRun(tx: Tx, ctx: Context, id: string): Promise<Run> {
  const row = await findRun(tx, ctx.viewer, id);
  if (!row) throw new NotFound("Run", encodeId("run", id));
  return toRun(row);
}

/** Lets no further step begin. Users who can cancel an instance can pause its runs. */
export const pauseRun = (ctx: Context, input: KeyedVersionedIdInput): Promise<Run> =>
  change(ctx, "pauseRun", input, (tx, request) => pause(tx, ctx.meta, { ...request, expectedVersion: input.expectedVersion }));

export const resumeRun = (ctx: Context, input: KeyedVersionedIdInput): Promise<Run> =>
  change(ctx, "resumeRun", input, (tx, request) => resume(tx, ctx.meta, { ...request, expectedVersion: input.expectedVersion }));

export const cancelRun = (ctx: Context, input: CancelRunInput): Promise<Run> =>
  change(ctx, "cancelRun", input, (tx, request) =>
    cancel(tx, ctx.meta, { ...request, expectedVersion: input.expectedVersion, comment: input.comment ?? null }),
  );

/** Starts the automation of a run again. The viewer owns the new instance. */
export const rerunWorkflow = (ctx: Context, input: RerunWorkflowInput): Promise<Run> =>
  begin(ctx, "rerunWorkflow", input, (tx, request) =>
    rerun(tx, ctx.meta, { ...request, inputs: input.inputs, secrets: ctx.services.secrets }),
  );

/** Continues a run that has ended. Of several concurrent calls one succeeds; the others fail with CONFLICT. */
export const retryFromStep = (ctx: Context, input: RetryFromStepInput): Promise<Run> =>
  begin(ctx, "retryFromStep", input, (tx, request) =>
    retry(tx, ctx.meta, { ...request, inputs: input.inputs, step: input.step ?? null, secrets: ctx.services.secrets }),
  );

function change(
  ctx: Context,
  mutation: string,
  input: KeyedVersionedIdInput,
  run: (tx: Tx, request: RunRequest) => Promise<void>,
): Promise<Run> {
  const id = decodeId("run", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation, key: input.idempotencyKey ?? null, input }, async () => {
      await run(tx, { id, actor: actorOf(ctx.viewer) });
      return { id };
    });
    return getRun(tx, ctx, id);
  });
}

type Begin = (tx: Tx, request: RunRequest) => Promise<{ readonly runId: string }>;

function begin(ctx: Context, mutation: string, input: RerunWorkflowInput, run: Begin): Promise<Run> {
  const id = decodeId("run", input.runId, "input.runId");
  return ctx.inTenant(async (tx) => {
    const key = input.idempotencyKey ?? null;
    const forms = key === null ? { input } : await keyedInputs(tx, ctx, "inputs", input);
    const { result } = await once(tx, ctx.meta, { mutation, key, ...forms }, async () => ({
      id: (await run(tx, { id, actor: actorOf(ctx.viewer) })).runId,
    }));
    return getRun(tx, ctx, result["id"] ?? "");
  });
}
