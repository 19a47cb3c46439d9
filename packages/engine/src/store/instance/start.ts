/**
 * Instances: starts, cancels, assigns, suspends, resumes and rolls back stored instances, in the transaction of the caller.
 * Every operation reads the instance, asks the core, and writes the outcome.
 * This module never overwrites a concurrent change: it waits or fails with CONFLICT.
 */
import { BadUserInput } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { TenantSecrets } from "@weft/platform/secrets";
import { splitSecretInputs, type SplitInputs } from "../../core/automation/inputs.js";
import type { Actor } from "../../core/model/actor.js";
import { pathText } from "../../core/model/condition.js";
import type { Machine } from "../../core/model/machine.js";
import type { Outcome } from "../../core/model/outcome.js";
import { badInput } from "../../core/model/rejection.js";
import { start } from "../../core/instance/start.js";
import { actorOfMeta, type ViewerActor } from "../model/actor.js";
import { applyStart } from "../automatic/apply.js";
import { assertProfileAllows } from "../run-rules/profile.js";
import { sealSecretInputs } from "../run-rules/secrets.js";
import { newInstanceHead } from "../outcome/new-instance-head.js";
import type { AlreadyRead } from "../model/already-read.js";
import { cachedMachine, remember } from "../definition/machines.js";
import { assertPrincipal } from "../model/principal.js";
import { findPublished, whyNotPublished, type EnvironmentName, type Published } from "../definition/published.js";
import { accepted } from "../model/rejection.js";
import type { InstanceHead } from "../model/instance-head.js";
import { orInvalid } from "../definition/unreadable.js";
import { inCalendars } from "../calendar/calendars.js";

/** The business row that an instance belongs to. `requestType` is the key of the type, which conditions read as `request.type`. */
export type InstanceSubject =
  | { readonly type: "request"; readonly id: string; readonly requestType: string }
  | { readonly type: "project" | "vendor" | "asset" | "building" | "contract" | "scopeChange" | "milestone"; readonly id: string };

export type Starting = {
  /** The newest published version of this key … */
  readonly definitionKey?: string | undefined;
  /** … or exactly this published definition. */
  readonly definitionId?: string | undefined;
  /** The environment it runs in; PROD if omitted. */
  readonly environment?: EnvironmentName | undefined;
  readonly data: unknown;
  /** The fields of the form that requested the data (none: all properties); others are rejected. Absent: accept everything that the schema accepts. */
  readonly fields?: readonly string[] | undefined;
  /** UUID of the user who owns the instance. */
  readonly ownerId: string;
  readonly teamId?: string | null | undefined;
  /** The business row that the instance belongs to. The caller can create its ID before the row is inserted. */
  readonly subject?: InstanceSubject | undefined;
  readonly actor?: ViewerActor | undefined;
  /** UUIDv7; created here unless the caller needs it earlier. */
  readonly id?: string | undefined;
  /**
   * `refused`: steps of the initial state that the security profile does not allow refuse the start, and the caller records it. Absent: they fail the
   * run before any of them begins, which is recorded with it.
   */
  readonly violations?: "refused" | undefined;
  /** Seals the secret inputs of an automation. Absent: secret inputs are refused, because what the start was called with has been stored. */
  readonly secrets?: TenantSecrets | undefined;
  /** Members of the data that must be secret inputs, or the start is refused: another version can have been published meanwhile. */
  readonly secretMembers?: readonly string[] | undefined;
};

/**
 * Starts an instance in its definition's initial state. Errors: BAD_USER_INPUT (unknown or unpublished definition, unknown team, data that does not
 * match its schema), DEFINITION_INVALID (the stored definition can no longer be read), PROFILE_VIOLATION (see `violations`).
 */
export async function startInstance(tx: Tx, meta: WriteMeta, starting: Starting, alreadyRead?: AlreadyRead): Promise<InstanceHead> {
  const { definition, machine: compiled } = known(meta, alreadyRead) ?? (await getMachine(tx, meta, starting));
  if (starting.teamId) await assertPrincipal(tx, { type: "TEAM", id: starting.teamId }, "input.teamId");
  if (starting.violations === "refused") await assertProfileAllows(tx, meta, { definition, machine: compiled });
  const machine = await inCalendars(tx, compiled, { tenantId: meta.tenantId, teamId: starting.teamId ?? null });
  const { blank, outcome, actor, secretInputs } = decideStart(meta, { definition, machine, starting });
  const head = await applyStart(tx, meta, blank, { machine, outcome, actor });
  const { secrets } = starting;
  if (secrets && Object.keys(secretInputs).length > 0)
    await sealSecretInputs(tx, { secrets, tenantId: meta.tenantId }, { instanceId: head.id, values: secretInputs });
  return head;
}

/** Checks that an instance could be started now. Nothing is written. Errors as for `startInstance`. */
export async function checkStart(tx: Tx, meta: WriteMeta, starting: Starting): Promise<void> {
  const { definition, machine } = await getMachine(tx, meta, starting);
  if (starting.teamId) await assertPrincipal(tx, { type: "TEAM", id: starting.teamId }, "input.teamId");
  decideStart(meta, { definition, machine, starting });
}

export type StartDecision = {
  readonly definition: Pick<Published, "id" | "key" | "now">;
  readonly machine: Machine;
  /** Its team has been looked up. */
  readonly starting: Starting;
};

/**
 * Returns the row before the first outcome, and the outcome. The secret inputs are part of neither.
 * @throws BadUserInput if the data does not match its schema
 */
export function decideStart(
  meta: WriteMeta,
  { definition, machine, starting }: StartDecision,
): { blank: InstanceHead; outcome: Outcome; actor: Actor; secretInputs: SplitInputs["secrets"] } {
  const actor = starting.actor ?? actorOfMeta(meta);
  const { fields, ownerId, teamId = null, subject } = starting;
  const { data, secrets: secretInputs, problems } = splitSecretInputs(machine, starting.data);
  if (problems.length > 0) accepted(badInput(problems));
  const [secretInput] = Object.keys(secretInputs);
  if (secretInput !== undefined && !starting.secrets) {
    const message =
      "Secret inputs can only be given by startWorkflow and startSharedWorkflow: everything else stores what it starts automations with.";
    accepted(badInput([{ path: pathText(["data", secretInput]), message }]));
  }
  const shown = starting.secretMembers?.find((name) => !Object.hasOwn(secretInputs, name));
  if (shown !== undefined) {
    const message = "The value is secret, and the published version does not keep this input secret.";
    accepted(badInput([{ path: pathText(["data", shown]), message }]));
  }
  const requestType = subject?.type === "request" ? subject.requestType : null;
  const outcome = accepted(start(machine, { data, chosen: fields, ownerId, teamId, requestType, actor, now: definition.now }));
  const { id = newId(), environment = "PROD" } = starting;
  const blank = {
    ...newInstanceHead({ tenantId: meta.tenantId, id, definition, outcome, ownerId, teamId, environment }),
    subjectType: subject?.type ?? null,
    subjectId: subject?.id ?? null,
    requestType,
  };
  return { blank, outcome, actor, secretInputs };
}

type Startable = Pick<StartDecision, "definition" | "machine">;

/** What was read before, with a cached machine. */
function known({ tenantId }: WriteMeta, { definition }: AlreadyRead = {}): Startable | null {
  const machine = definition && cachedMachine(tenantId, definition.id);
  return machine ? { definition, machine } : null;
}

async function getMachine(tx: Tx, { tenantId }: WriteMeta, starting: Starting): Promise<Startable> {
  const definition = await getPublished(tx, starting);
  return { definition, machine: orInvalid(() => remember(tenantId, definition)) };
}

async function getPublished(tx: Tx, starting: Starting): Promise<Published> {
  const { definitionKey, definitionId, environment } = starting;
  const ref = { definitionKey, definitionId, environment };
  const definition = await findPublished(tx, ref);
  if (definition) return definition;
  const path = definitionId === undefined ? "input.definitionKey" : "input.definitionId";
  throw new BadUserInput([{ path, message: `${await whyNotPublished(tx, ref)}.` }]);
}
