/** What the results of steps are searched for, before they are stored: the values of all secrets that steps of the run read. */
import type { TenantSecrets, Tx } from "@weft/shared";
import { redactorOf } from "../../core/automation/secrets/redact.js";
import type { JsonObject } from "../../core/model/json.js";
import { openReadableSecrets, openSecretInputs } from "../run-rules/secrets.js";
import type { LoadedRun } from "./loaded-run.js";
import { stepFailure, type StepReport } from "./step-report.js";

export type SoughtSecrets = {
  readonly secrets: TenantSecrets;
  readonly tenantId: string;
  readonly loaded: Pick<LoadedRun, "row" | "stateRun">;
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
  const { graph } = loaded.stateRun;
  const saysNothing = report.kind === "succeeded" ? Object.keys(report.outputs).length === 0 : report.kind !== "failed";
  if (saysNothing || graph.secrets.size + graph.secretInputs.size === 0) return report;
  const opened = await openReadableSecrets(tx, { secrets, tenantId }, graph.secrets);
  const inputs = graph.secretInputs.size === 0 ? {} : await openSecretInputs(tx, { secrets, tenantId }, loaded.row);
  const readable = [...opened].flatMap(([name, secret]) => (secret === null ? [] : [[name, secret.value] as const]));
  const { text, json } = redactorOf(soughtValues(new Map(readable), Object.entries(inputs ?? {})));
  if (report.kind === "succeeded") return { ...report, outputs: json<JsonObject>(report.outputs) };
  if (report.kind !== "failed") return report;
  const { code, message, isFinal } = report.error;
  return { ...report, ...stepFailure(code, text(message), isFinal) };
}
