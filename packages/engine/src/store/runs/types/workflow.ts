/** Starts other automations and workflows for steps, and reads what has become of them. */
import { encodeId } from "@weft/shared/ids";
import { named, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import { resultOfChild, ruleOfStep } from "../../../core/automation/child-runs.js";
import { membersWithSecrets } from "../../../core/automation/secrets/secret-names.js";
import type { JsonObject } from "../../../core/model/json.js";
import { suspendAll } from "../../children/follow-parent.js";
import { startStepChild } from "../../children/hierarchy.js";
import { findMachine } from "../../definition/machines.js";
import { cancelInstance } from "../../instance/cancel.js";
import { systemActor } from "../../../core/timers/system-actor.js";
import { lockInstance } from "../../model/snapshot.js";
import { causedBy } from "../cause.js";
import { stepFailure, type StepAttempt, type StepReport } from "../step-report.js";
import type { TransactionalStep, WaitingWork } from "../transactional-step.js";

const REFUSALS = { LIMIT: "WORKFLOW_LIMIT", UNKNOWN: "WORKFLOW_UNKNOWN", INVALID: "INPUT_INVALID" } as const;

/**
 * Starts the newest published version of a definition as a child of the run's instance. The step waits until the child has ended, or goes on at once.
 * Children that start further ones are bounded by the depth and the size of their hierarchy. A step that falls back to an automation does this, too.
 */
export const workflowStep: TransactionalStep = {
  begin: async (tx, meta, doing) => {
    const { key, inputs = {}, await: isAwaited = true } = doing.input as Input;
    const { head, row, instanceNow, stateRun } = doing.loaded;
    const members = doing.secrets ? membersWithSecrets(stateRun.graph, doing.work, "inputs") : NO_MEMBERS;
    if (members === null)
      return stepFailure("INPUT_INVALID", "with.inputs: Secret inputs are passed on by name: token: {{ inputs.token }}.", true);
    const started = await startStepChild(tx, causedBy(meta, row), {
      parent: { ...head, state: row.state, version: row.instanceVersion },
      start: { rule: ruleOfStep(doing), index: doing.attempt - 1, definition: key, data: inputs, secretMembers: [...members] },
      secrets: doing.secrets,
      actor: systemActor,
      now: instanceNow,
    });
    if ("refusal" in started) return stepFailure(REFUSALS[started.refusal.code], started.refusal.message, true);
    const isPaused = isAwaited && !doing.isCompensation && head.status === "SUSPENDED";
    // A step at work when the instance was suspended falls back to an automation, which waits with the instance.
    if (isPaused && started.child.status === "RUNNING")
      await suspendAll(tx, causedBy(meta, row), { heads: [started.child], actor: systemActor, now: instanceNow });
    const child = await findStepChild(tx, doing);
    if (!isAwaited) return { kind: "succeeded", outputs: child ? idsOf(child) : {} };
    // It can end with its start, when nothing waits for it yet.
    return started.child.finishedAt === null ? { kind: "waits", until: timeoutOf(doing) } : resultOf(tx, meta, doing);
  },
  look: resultOf,
  stop: (tx, meta, waiting) => stopChild(tx, meta, { waiting, comment: "The step that waited for it was stopped." }),
};

/** The inputs of an automation that a step falls back to cannot read secrets. */
const NO_MEMBERS: ReadonlySet<string> = new Set();

type Input = { readonly key: string; readonly inputs?: JsonObject; readonly await?: boolean };

const timeoutOf = ({ work: { timeoutSeconds }, loaded }: WaitingWork): string | null =>
  timeoutSeconds === null ? null : new Date(Date.parse(loaded.now) + timeoutSeconds * 1000).toISOString();

type Waiting = StepAttempt & Pick<WaitingWork, "loaded">;

/** Ends the child, unless it ends itself at this moment. Others who change it do not hold the lock of its parent. */
async function stopChild(
  tx: Tx,
  meta: WriteMeta,
  { waiting, comment }: { readonly waiting: Waiting; readonly comment: string },
): Promise<void> {
  const child = await findStepChild(tx, waiting);
  if (child === null || child.finishedAt !== null) return;
  await lockInstance(tx, child.id);
  const locked = await findStepChild(tx, waiting);
  if (locked?.finishedAt === null) await cancelInstance(tx, meta, { id: child.id, comment });
}

/** The child has ended, or the step has waited for too long. The outputs of an automation that a step falls back to are those of the step. */
async function resultOf(tx: Tx, meta: WriteMeta, waiting: WaitingWork): Promise<StepReport> {
  const child = await findStepChild(tx, waiting);
  if (!child) return stepFailure("WORKFLOW_CANCELLED", "What the step waited for no longer exists.", true);
  if (child.finishedAt === null) return timedOut(tx, meta, { waiting, key: child.key });
  const result = resultOfChild({ ...child, machine: await findMachine(tx, meta.tenantId, child.definitionId) });
  if (!result.isDone) return { kind: "failed", error: result.error };
  const isFallback = waiting.snapshot.isFallback && !waiting.isCompensation;
  return { kind: "succeeded", outputs: isFallback ? result.outputs : { ...idsOf(child), outputs: result.outputs } };
}

async function timedOut(
  tx: Tx,
  meta: WriteMeta,
  { waiting, key }: { readonly waiting: WaitingWork; readonly key: string },
): Promise<StepReport> {
  const { timeoutSeconds } = waiting.work;
  if (timeoutSeconds === null) return { kind: "waits", until: null };
  const message = `${key} did not end within ${timeoutSeconds} seconds.`;
  await stopChild(tx, meta, { waiting, comment: message });
  return stepFailure("TIMEOUT", message, false);
}

const idsOf = ({ id, runId }: StepChildRow): JsonObject => ({
  instance_id: encodeId("instance", id),
  ...(runId !== null && { run_id: encodeId("run", runId) }),
});

type StepChildRow = {
  id: string;
  key: string;
  definitionId: string;
  status: string;
  state: string;
  data: JsonObject;
  finishedAt: string | null;
  runId: string | null;
  error: string | null;
};

/** Returns the instance that the attempt has started, with its newest run. */
async function findStepChild(tx: Tx, attempt: Waiting): Promise<StepChildRow | null> {
  const { instanceId, instanceVersion } = attempt.loaded.row;
  const rows = await tx.execute<StepChildRow>(
    named(
      "findStepChild",
      sql`select c.id, c.definition_key as key, c.definition_id as "definitionId", c.status, c.state, c.data, c.finished_at as "finishedAt",
               r.id as "runId", case when s.error is not null then 'Step ' || s.step || ': ' || (s.error->>'message') end as error
          from workflows.instances c
          left join lateral (
            select r.id, r.ending from workflows.runs r where r.tenant_id = c.tenant_id and r.instance_id = c.id
             order by r.instance_version desc limit 1) r on true
          left join workflows.run_steps s on s.tenant_id = c.tenant_id and s.run_id = r.id and s.step = r.ending->>'step'
         where c.tenant_id = app.tenant() and c.parent_id = ${instanceId}::uuid and c.parent_version = ${instanceVersion}::int
           and c.parent_rule = ${ruleOfStep(attempt)} and c.child_index = ${attempt.attempt - 1}::int`,
    ),
  );
  return rows[0] ?? null;
}
