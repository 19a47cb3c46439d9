/** What the results of steps are searched for, before they are stored: the values of all secrets that steps of the run read. */
import { automation } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import type { TenantSecrets } from "@weft/platform/secrets";
import { and, eq, sql } from "drizzle-orm";
import { redactorOf, type Redactor } from "../../core/automation/secrets/redact.js";
import type { JsonObject } from "../../core/model/json.js";
import { findMachine } from "../definition/machines.js";
import { openReadableSecrets, openSecretInputs } from "../run-rules/secrets.js";
import type { LoadedRun } from "./loaded-run.js";
import { stepFailure, type StepReport } from "./step-report.js";

export type SoughtSecrets = {
  readonly secrets: TenantSecrets;
  readonly tenantId: string;
  readonly loaded: Pick<LoadedRun, "stateRun"> & { readonly row: Pick<LoadedRun["row"], "id" | "secretInputs"> };
};

/** Returns the values by name, the inputs apart, so that a secret and an input of the same name are both removed. */
export const soughtValues = (
  secrets: ReadonlyMap<string, string>,
  inputs: Iterable<readonly [string, string]>,
): ReadonlyMap<string, string> => new Map([...secrets, ...[...inputs].map(([name, value]) => [`inputs.${name}`, value] as const)]);

/**
 * Returns the report of a step that waited without the values of the run's secrets: people paste them into answers and comments, and systems send them with
 * events. What cannot be decrypted cannot be sought. Without secrets in the definition, nothing is read.
 */
export async function withoutSecretsOfRun(tx: Tx, { secrets, tenantId, loaded }: SoughtSecrets, report: StepReport): Promise<StepReport> {
  const saysNothing = report.kind === "succeeded" ? Object.keys(report.outputs).length === 0 : report.kind !== "failed";
  const redactor = saysNothing ? null : await redactorOfLoaded(tx, { secrets, tenantId, loaded });
  if (redactor === null) return report;
  const { text, json } = redactor;
  if (report.kind === "succeeded") return { ...report, outputs: json<JsonObject>(report.outputs) };
  if (report.kind !== "failed") return report;
  const { code, message, isFinal } = report.error;
  return { ...report, ...stepFailure(code, text(message), isFinal) };
}

/** Removes the secrets that steps of the run read. Null: they read none. */
async function redactorOfLoaded(tx: Tx, { secrets, tenantId, loaded }: SoughtSecrets): Promise<Redactor | null> {
  const { graph } = loaded.stateRun;
  if (graph.secrets.size + graph.secretInputs.size === 0) return null;
  const opened = await openReadableSecrets(tx, { secrets, tenantId }, graph.secrets);
  const inputs = graph.secretInputs.size === 0 ? {} : await openSecretInputs(tx, { secrets, tenantId }, loaded.row);
  const readable = [...opened].flatMap(([name, secret]) => (secret === null ? [] : [[name, secret.value] as const]));
  return redactorOf(soughtValues(new Map(readable), Object.entries(inputs ?? {})));
}

/** Returns a function that removes from a text the secrets that steps of the run read. */
export async function redactorOfRun(
  tx: Tx,
  { secrets, tenantId, runId }: Omit<SoughtSecrets, "loaded"> & { readonly runId: string },
): Promise<(text: string) => string> {
  const row = await findRunForSecrets(tx, runId);
  const stateRun = row && (await findMachine(tx, tenantId, row.definitionId))?.states.get(row.state)?.run;
  const redactor = row && stateRun ? await redactorOfLoaded(tx, { secrets, tenantId, loaded: { row, stateRun } }) : null;
  return redactor?.text ?? ((text) => text);
}

type RunForSecrets = SoughtSecrets["loaded"]["row"] & Pick<LoadedRun["row"], "definitionId" | "state">;

async function findRunForSecrets(tx: Tx, id: string): Promise<RunForSecrets | null> {
  const { definitionId, state, id: runId, secretInputs } = automation.runs;
  const [row] = await named(
    "findRunForSecrets",
    tx
      .select({ id: runId, definitionId, state, secretInputs })
      .from(automation.runs)
      .where(and(eq(automation.runs.tenantId, sql`app.tenant()`), eq(runId, id))),
  );
  return row ?? null;
}
