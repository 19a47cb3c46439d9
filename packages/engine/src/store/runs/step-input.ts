/** The input of a step that begins: rendered, with the secrets that it reads, and checked against its type and the security profile of the run. */
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { TenantSecrets } from "@weft/platform/secrets";
import { checkInput } from "../../core/automation/check-input.js";
import { effectiveProfile, profileOfRules } from "../../core/automation/profiles/effective.js";
import { violationsOfWork } from "../../core/automation/profiles/violations.js";
import { inputOfWork } from "../../core/automation/run-context.js";
import { redactorOf } from "../../core/automation/secrets/redact.js";
import { secretsReadBy, type SecretsRead } from "../../core/automation/secrets/secret-names.js";
import type { Work } from "../../core/model/automation.js";
import type { JsonObject } from "../../core/model/json.js";
import { quote } from "../../core/model/problems.js";
import { problemsText } from "../../core/model/rejection.js";
import type { RunSnapshot, StepSnapshot } from "../../core/model/run.js";
import type { SecurityProfile } from "../../core/model/security-profile.js";
import { asJsonObject } from "../../core/model/values.js";
import { stepTypes } from "../definition/step-types.js";
import type { LoadedRun } from "./loaded-run.js";
import { evaluateProfileOfRun, recordViolation } from "../run-rules/profile.js";
import { openReadableSecrets, openSecretInputs } from "../run-rules/secrets.js";
import { soughtValues } from "./result-secrets.js";
import { TRANSACTIONAL_STEPS } from "./transactional-steps.js";

export type Beginning = {
  readonly secrets: TenantSecrets;
  readonly loaded: LoadedRun;
  readonly run: RunSnapshot;
  readonly step: StepSnapshot;
  readonly work: Work;
};

export type StepInput = {
  readonly input: JsonObject;
  /** Values of the secrets in the input, and of all others that steps of the run read, by name: systems can answer with what another step has sent. */
  readonly secrets: ReadonlyMap<string, string>;
  /** That of the run, with the hosts that the secrets can be sent to only. */
  readonly profile: SecurityProfile;
};

/** `isParked`: the step has not failed, but waits until somebody has removed the cause. */
type Failure = { readonly ok: false; readonly code: string; readonly message: string; readonly isParked?: true };

/** Returns the input, or why the step cannot begin. Secrets are opened here, for this step only. */
export async function inputOfStep(
  tx: Tx,
  meta: WriteMeta,
  beginning: Beginning,
): Promise<{ readonly ok: true; readonly taken: StepInput } | Failure> {
  const { loaded, run, step, work } = beginning;
  const { graph } = loaded.stateRun;
  const read = secretsReadBy(graph, work);
  const opened = await open(tx, meta, beginning, read);
  if (!opened.ok) return opened;
  const { secrets, inputs, domains } = opened;
  const values = soughtValues(opened.all, opened.allInputs);
  const { text } = redactorOf(values);
  const unfit = (problems: Parameters<typeof problemsText>[0]): Failure => ({
    ok: false,
    code: "INPUT_INVALID",
    message: text(problemsText(problems)),
  });
  const rendered = inputOfWork(graph, run, { step, work }, { secrets: Object.fromEntries(secrets), inputs: Object.fromEntries(inputs) });
  if (!rendered.ok) return unfit(rendered.problems);
  const checked = checkInput(work.type, asJsonObject(rendered.value) ?? {}, stepTypes());
  if (!checked.ok) return unfit(checked.problems);
  const { input } = checked;
  const ofRun = (loaded.row.profile as SecurityProfile | null) ?? (await evaluateProfileOfRun(tx, meta, graph, loaded.head)).profile;
  const profile =
    domains.length === 0
      ? ofRun
      : effectiveProfile(ofRun, ...domains.map(([name, hosts]) => profileOfRules(`secret ${name}`, { domains: hosts })));
  const [violation] = violationsOfWork(graph, profile, { id: step.item?.of ?? step.id, work, input });
  if (!violation) return { ok: true, taken: { input, secrets: values, profile } };
  const { definitionId, instanceId } = loaded.row;
  await recordViolation(tx, meta, { definitionId, instanceId, violation: { ...violation, profile: text(violation.profile) } });
  return { ok: false, code: "PROFILE_VIOLATION", message: text(violation.message) };
}

type Opened = {
  readonly ok: true;
  readonly secrets: ReadonlyMap<string, string>;
  readonly inputs: ReadonlyMap<string, string>;
  /** Those that are removed from results. */
  readonly all: ReadonlyMap<string, string>;
  readonly allInputs: ReadonlyMap<string, string>;
  /** Hosts of the secrets that cannot be sent everywhere. */
  readonly domains: readonly (readonly [string, readonly string[]])[];
};

/** Results of work outside of the database are searched for all secrets of the run; what is done in the database returns what the run knows already. */
async function open(tx: Tx, { tenantId }: WriteMeta, { secrets, loaded, work }: Beginning, read: SecretsRead): Promise<Opened | Failure> {
  const { graph } = loaded.stateRun;
  const isOutside = !TRANSACTIONAL_STEPS.has(work.type);
  const found = await openReadableSecrets(tx, { secrets, tenantId }, new Set([...read.secrets, ...(isOutside ? graph.secrets : [])]));
  const missing = [...read.secrets].find((name) => !found.has(name));
  if (missing !== undefined)
    return { ok: false, code: "SECRET_UNKNOWN", message: `There is no secret ${quote(missing)}. Create it, or change the definition.` };
  const unreadable = [...read.secrets].filter((name) => found.get(name) === null);
  if (unreadable.length > 0) return undecryptable(`The secrets ${unreadable.map(quote).join(", ")}`);
  const opensInputs = read.inputs.size > 0 || (isOutside && graph.secretInputs.size > 0);
  const given = opensInputs ? await openSecretInputs(tx, { secrets, tenantId }, loaded.row) : {};
  if (given === null && read.inputs.size > 0) return undecryptable("The secret inputs of the run");
  const allInputs = new Map(Object.entries(given ?? {}));
  // What cannot be decrypted, and is not read, cannot be sought either.
  const readable = [...found].flatMap(([name, secret]) => (secret === null ? [] : [[name, secret] as const]));
  const own = readable.filter(([name]) => read.secrets.has(name));
  return {
    ok: true,
    all: new Map(readable.map(([name, { value }]) => [name, value])),
    allInputs,
    secrets: new Map(own.map(([name, { value }]) => [name, value])),
    inputs: new Map([...allInputs].filter(([name]) => read.inputs.has(name))),
    domains: own.flatMap(([name, { domains }]) => (domains === null ? [] : [[name, domains] as const])),
  };
}

/** Another attempt would fail as well, but not when the key is back, so the step must not fail for good. */
const undecryptable = (what: string): Failure => ({
  ok: false,
  code: "SECRET_UNREADABLE",
  message: `${what} cannot be decrypted: the encryption key is missing, or the stored value is damaged. Restore the key, and then retry.`,
  isParked: true,
});
