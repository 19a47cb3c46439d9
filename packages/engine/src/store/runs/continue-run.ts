/** Starts runs that continue others: with the results of the steps before a step. A run that has ended never changes. */
import { automation } from "@weft/drizzle";
import { BadUserInput, Conflict, quote } from "@weft/shared/errors";
import { encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { named, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import type { TenantSecrets } from "@weft/platform/secrets";
import { and, eq, sql } from "drizzle-orm";
import { isEnded } from "../../core/automation/run-draft.js";
import { takeOver } from "../../core/automation/take-over.js";
import type { StateRun } from "../../core/model/automation.js";
import { pathText } from "../../core/model/condition.js";
import type { JsonObject } from "../../core/model/json.js";
import type { RunSnapshot, StepSnapshot } from "../../core/model/run.js";
import { asJsonObject, jsonEqual } from "../../core/model/values.js";
import { machineOf } from "../definition/machines.js";
import { findPublished, type EnvironmentName } from "../definition/published.js";
import type { ViewerActor } from "../model/actor.js";
import { findInstances, lockInstance, weftNow, type InstanceRead } from "../model/snapshot.js";
import { startInstance } from "../instance/start.js";
import { runStarted } from "../outcome/events.js";
import { getRun, runRejected, type RunRequest } from "./find-run.js";
import { findRunSteps, lockRun, snapshotOfStep, type RunRow, type RunStepRow } from "./runs.store.js";

const { runs } = automation;

export type RunRetry = RunRequest & {
  /** ID of the step to begin with; null: those that have no usable result. */
  readonly step: string | null;
  /** Inputs that replace those of the run. The others stay. Secret ones are not kept after the end of a run, so each is given again, or null. */
  readonly inputs: unknown;
  /** Seals the secret inputs. Without it, none can be given. */
  readonly secrets?: TenantSecrets | undefined;
};

/** The new run, and its instance. */
export type ContinuedRun = { readonly runId: string; readonly instanceId: string };

/**
 * Starts a run of the same version of the definition, with the results of the steps that come before a step. That of an automation has an instance of
 * its own. That of a state of another workflow continues in the same instance, which must still be in this state. Errors: NOT_FOUND, CONFLICT,
 * TRANSITION_REJECTED (it has not ended, it was continued before, its state was left, a version that reads secrets was withdrawn), BAD_USER_INPUT (the step, the inputs), LIMIT_EXCEEDED.
 */
export async function retryFromStep(tx: Tx, meta: WriteMeta, { step, inputs, secrets, ...request }: RunRetry): Promise<ContinuedRun> {
  const { actor } = request;
  const { instanceId } = await getRun(tx, request, "workflow.read");
  const ended = await readEnded(tx, meta, { id: request.id, instanceId });
  const { row, stateRun, read } = ended;
  if (step !== null && !stateRun.graph.steps.has(step))
    throw new BadUserInput([{ path: "input.step", message: `The definition has no step ${quote(step)}.` }]);
  if (step === null && row.status === "SUCCEEDED")
    throw new BadUserInput([{ path: "input.step", message: "All steps of the run have succeeded. Name the step to begin with." }]);
  const { changes, secretInputs } = changesOf(stateRun, inputs);
  const isAutomation = stateRun.graph.root === "inputs";
  // Continuing in the same instance is an intervention, as a rollback is.
  await getRun(tx, request, isAutomation ? "workflow.start" : "workflow.cancel");
  if (!isAutomation && Object.keys(changes).length > 0)
    throw new BadUserInput([
      { path: "input.inputs", message: "The steps of a state read the data of the instance. Change the data instead." },
    ]);
  if (isAutomation && stateRun.graph.secrets.size > 0) await assertStillPublished(tx, read, changes);
  const before = asJsonObject(row.inputs) ?? {};
  const after = isAutomation ? patchedInputs(before, changes) : ((read.head.data as JsonObject | null) ?? {});
  const kept = takeOver(stateRun.graph, ended.run, { from: step, hasSameInputs: jsonEqual(before, after) });
  const run = isAutomation
    ? await startAutomation(tx, meta, { read, data: { ...after, ...secretInputs }, actor, secrets })
    : await enterAgain(tx, meta, { row, read, data: after });
  await linkRun(tx, { id: run.runId, row, kept: rowsOf(ended.rows, kept) });
  await writeAudit(tx, meta, [
    {
      action: "run.retryFromStep",
      entityType: "instance",
      entityId: instanceId,
      before: { runId: row.id, runStatus: row.status },
      after: { runId: run.runId, step, retriedFromId: row.id, startedInstanceId: run.instanceId },
    },
  ]);
  return run;
}

/** Starts the newest published version of an automation again, with the inputs of the run except those that are given. Errors: as `retryFromStep`. */
export async function rerun(tx: Tx, meta: WriteMeta, { inputs, secrets, ...request }: Omit<RunRetry, "step">): Promise<ContinuedRun> {
  // The new run shows what the earlier one read, so it takes the right to read that as well.
  const row = await getRun(tx, request, "workflow.read");
  await getRun(tx, request, "workflow.start");
  const [read] = await findInstances(tx, [row.instanceId]);
  const machine = await machineOf(tx, meta.tenantId, row.definitionId);
  const stateRun = machine.states.get(row.state)?.run;
  if (!read || stateRun?.graph.root !== "inputs")
    throw runRejected("Only the runs of automations can be run again. Fire a transition of the instance, or use retryFromStep.");
  const { changes, secretInputs } = changesOf(stateRun, inputs);
  const data = { ...patchedInputs(asJsonObject(row.inputs) ?? {}, changes), ...secretInputs };
  const { definitionKey, environment, teamId } = read.head;
  const { actor } = request;
  // The published version can be another one. What was secret must not become data that is stored and shown.
  const secretMembers = Object.keys(secretInputs);
  const starting = { definitionKey, environment: environment as "PROD", teamId, data, ownerId: actor.id, actor, secrets, secretMembers };
  const { id: instanceId } = await withInputPaths(() => startInstance(tx, meta, starting));
  return { instanceId, runId: await runOf(tx, instanceId) };
}

type Ended = {
  readonly row: RunRow;
  readonly rows: readonly RunStepRow[];
  readonly run: RunSnapshot;
  readonly stateRun: StateRun;
  readonly read: InstanceRead;
};

/**
 * A version whose steps read secrets can be withdrawn: once it is retired, nobody runs it again, and once there is a newer one, nobody sends the secrets
 * with other inputs.
 */
async function assertStillPublished(tx: Tx, { head }: InstanceRead, changes: JsonObject): Promise<void> {
  const { definitionKey, definitionId, environment } = head;
  const published = await findPublished(tx, { definitionKey, environment: environment as EnvironmentName });
  if (published === null)
    throw runRejected(`The definition ${quote(definitionKey)} reads secrets and is no longer published. Publish it, or start another one.`);
  if (published.id !== definitionId && Object.keys(changes).length > 0)
    throw runRejected("The version of the run reads secrets and is not the published one, so its inputs cannot change. Use rerun.");
}

/** Locks the run and its instance, so that it is continued once, and the instance is not changed in between. */
async function readEnded(
  tx: Tx,
  meta: WriteMeta,
  { id, instanceId }: { readonly id: string; readonly instanceId: string },
): Promise<Ended> {
  await lockInstance(tx, instanceId);
  const locked = await lockRun(tx, id);
  const [read] = await findInstances(tx, [instanceId]);
  if (!locked || !read) throw new Error(`the run ${id} is gone`);
  const { run: row } = locked;
  const status = row.status as RunSnapshot["status"];
  if (!isEnded(status)) throw runRejected(`The run is ${status}. Cancel it, or wait until it has ended.`);
  const [later] = await named(
    "findContinuingRun",
    tx
      .select({ id: runs.id })
      .from(runs)
      .where(and(eq(runs.tenantId, sql`app.tenant()`), eq(runs.retriedFromId, id))),
  );
  if (later) throw new Conflict(`The run was already continued by ${encodeId("run", later.id)}. Retry that one.`);
  const machine = await machineOf(tx, meta.tenantId, row.definitionId);
  const stateRun = machine.states.get(row.state)?.run ?? null;
  if (stateRun === null) throw runRejected("The definition of the run has no such steps.");
  const rows = await findRunSteps(tx, id);
  const steps = new Map(rows.map((one) => [one.step, snapshotOfStep(one)]));
  const run: RunSnapshot = {
    status,
    ending: null,
    inputs: row.inputs as JsonObject,
    facts: {},
    steps,
    outputs: row.outputs as JsonObject | null,
  };
  return { row, rows, run, stateRun, read };
}

type Changes = { readonly changes: JsonObject; readonly secretInputs: JsonObject };

/**
 * Returns the inputs that change, and the secret ones. Values of secret inputs are deleted when a run ends, and nothing says which of them it had. A run
 * that continues it would silently do without them, so each must be given again, or null.
 */
function changesOf({ graph }: StateRun, inputs: unknown): Changes {
  const given = givenInputs(inputs);
  const omitted = [...graph.secretInputs].filter((name) => !Object.hasOwn(given, name));
  if (omitted.length > 0)
    throw new BadUserInput(
      omitted.map((name) => ({
        path: pathText(["input", "inputs", name]),
        message: "The value of a secret input is not kept after the end of a run. Give it again, or null if it had none.",
      })),
    );
  const isSecret = ([name]: readonly [string, unknown]): boolean => graph.secretInputs.has(name);
  const entries = Object.entries(given);
  return {
    changes: Object.fromEntries(entries.filter((entry) => !isSecret(entry))),
    secretInputs: Object.fromEntries(entries.filter((entry) => isSecret(entry) && entry[1] !== null)),
  };
}

function givenInputs(inputs: unknown): JsonObject {
  if (inputs === null || inputs === undefined) return {};
  const given = asJsonObject(inputs);
  if (!given) throw new BadUserInput([{ path: "input.inputs", message: 'The inputs must be an object, such as { version: "1.2.0" }.' }]);
  return given;
}

/** Null removes an input, so that its default applies. */
const patchedInputs = (before: JsonObject, changes: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null));

type NewAutomation = Pick<RunRetry, "secrets"> & { readonly read: InstanceRead; readonly data: JsonObject; readonly actor: ViewerActor };

/** The same version, even if it is no longer published: its steps are those whose results are taken over. */
async function startAutomation(tx: Tx, meta: WriteMeta, { read, data, actor, secrets }: NewAutomation): Promise<ContinuedRun> {
  const { definitionId: id, definitionKey: key, environment, teamId } = read.head;
  const starting = { data, ownerId: actor.id, teamId, environment: environment as "PROD", actor, secrets };
  const [clock] = await tx.execute<{ now: string }>(named("timeOfStart", sql`select ${weftNow} as now`));
  // Its machine is cached, because the steps of the run were read from it.
  const definition = { id, key, now: clock?.now ?? read.now };
  const { id: instanceId } = await withInputPaths(() => startInstance(tx, meta, starting, { definition }));
  return { instanceId, runId: await runOf(tx, instanceId) };
}

/** The data of an automation is its inputs. */
async function withInputPaths<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof BadUserInput)) throw error;
    throw new BadUserInput(error.problems.map(({ path, message }) => ({ path: path.replace(/^input\.data\b/, "input.inputs"), message })));
  }
}

async function runOf(tx: Tx, instanceId: string): Promise<string> {
  const [row] = await named(
    "findRunOfStart",
    tx
      .select({ id: runs.id })
      .from(runs)
      .where(and(eq(runs.tenantId, sql`app.tenant()`), eq(runs.instanceId, instanceId))),
  );
  if (!row) throw new Error(`the instance ${instanceId} was started without a run`);
  return row.id;
}

/** Continues a run of a state that has failed, in the same instance, from the steps that have no usable result. */
export async function continueInPlace(tx: Tx, meta: WriteMeta, { runId: id, instanceId }: ContinuedRun): Promise<void> {
  const { row, rows, run, stateRun, read } = await readEnded(tx, meta, { id, instanceId });
  if (row.leftAt !== null || read.head.state !== row.state || (await hasLaterRun(tx, row))) return;
  const data = (read.head.data as JsonObject | null) ?? {};
  const kept = takeOver(stateRun.graph, run, { from: null, hasSameInputs: jsonEqual(row.inputs, data) });
  const { runId } = await enterAgain(tx, meta, { row, read, data });
  await linkRun(tx, { id: runId, row, kept: rowsOf(rows, kept) });
}

/** Begins the steps of the current state again, in the same instance. */
async function enterAgain(
  tx: Tx,
  meta: WriteMeta,
  { row, read, data }: { readonly row: RunRow; readonly read: InstanceRead; readonly data: JsonObject },
): Promise<ContinuedRun> {
  const { head } = read;
  if (row.leftAt !== null || head.state !== row.state || (await hasLaterRun(tx, row)))
    throw runRejected(`The instance has left the state ${quote(row.state)} since then.`);
  if (head.status !== "RUNNING")
    throw runRejected(`The instance is ${head.status}. ${head.status === "FAILED" ? "Resolve its incident first." : ""}`.trim());
  const runId = newId();
  await tx.execute(
    named(
      "insertRun",
      sql`insert into workflows.runs (tenant_id, id, instance_id, definition_id, state, instance_version, inputs, due_at, created_at)
        values (app.tenant(), ${runId}::uuid, ${head.id}::uuid, ${row.definitionId}::uuid, ${row.state}, ${head.version}::int, ${JSON.stringify(data)}::text::jsonb,
                clock_timestamp(), ${weftNow})`,
    ),
  );
  await appendEvents(tx, meta, [runStarted(head, runId)]);
  return { runId, instanceId: head.id };
}

async function hasLaterRun(tx: Tx, { id, instanceId, instanceVersion }: RunRow): Promise<boolean> {
  const rows = await tx.execute(
    named(
      "hasLaterRun",
      sql`select from workflows.runs r where r.tenant_id = app.tenant() and r.instance_id = ${instanceId}::uuid and r.id <> ${id}::uuid
          and (r.instance_version >= ${instanceVersion}::int) limit 1`,
    ),
  );
  return rows.length > 0;
}

type KeptRow = { readonly snapshot: StepSnapshot; readonly row: RunStepRow };

const rowsOf = (rows: readonly RunStepRow[], kept: ReadonlyMap<string, StepSnapshot>): KeptRow[] =>
  rows.flatMap((row) => {
    const snapshot = kept.get(row.step);
    return snapshot ? [{ snapshot, row }] : [];
  });

/** Writes the steps that have ended already, before any worker can see the run. */
async function linkRun(
  tx: Tx,
  { id, row, kept }: { readonly id: string; readonly row: RunRow; readonly kept: readonly KeptRow[] },
): Promise<void> {
  const steps = kept.map(({ snapshot, row: { startedAt, finishedAt } }) => ({ ...snapshot, rowId: newId(), startedAt, finishedAt }));
  await tx.execute(
    named(
      "continueRun",
      sql`with linked as (
        update workflows.runs r set retried_from_id = ${row.id}::uuid where r.tenant_id = app.tenant() and r.id = ${id}::uuid
      )
      insert into workflows.run_steps (tenant_id, run_id, step, id, status, attempt, failures, lost, outputs, error, is_fallback, ended, item, started_at, finished_at)
      select app.tenant(), ${id}::uuid, s.id, s."rowId", s.status, s.attempt, s.failures, s.lost, s.outputs, s.error, s."isFallback", s.ended, s.item, s."startedAt", s."finishedAt"
        from jsonb_to_recordset(${JSON.stringify(steps)}::text::jsonb) as s(
          id text, "rowId" uuid, status text, attempt integer, failures integer, lost integer, outputs jsonb, error jsonb, "isFallback" boolean,
          ended integer, item jsonb, "startedAt" timestamptz, "finishedAt" timestamptz)`,
    ),
  );
}
