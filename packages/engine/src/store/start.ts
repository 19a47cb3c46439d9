import { BadUserInput, newId, quote, type Tx, type WriteMeta } from "@weft/shared";
import type { Actor } from "../core/actor.js";
import type { Machine } from "../core/machine.js";
import type { Outcome } from "../core/outcome.js";
import { start } from "../core/start.js";
import { actorOfMeta, type ViewerActor } from "./actor.js";
import { applyStart } from "./apply.js";
import { blankHead } from "./blank-head.js";
import type { Begun } from "./batch/booking.js";
import { cachedMachine, remember } from "./machines.js";
import { assertPrincipal } from "./principal.js";
import { findPublished, type EnvironmentName, type Published } from "./published.js";
import { accepted } from "./rejection.js";
import type { InstanceHead } from "./snapshot.js";
import { orInvalid } from "./unreadable.js";

export type Starting = {
  /** The newest published version of this key … */
  readonly definitionKey?: string | undefined;
  /** … or exactly this published definition. */
  readonly definitionId?: string | undefined;
  /** Where it runs; PROD when left out. */
  readonly environment?: EnvironmentName | undefined;
  readonly data: unknown;
  /** The fields of the form that the data was asked with (none: all properties); others are refused. Absent: whatever the schema takes. */
  readonly fields?: readonly string[] | undefined;
  /** UUID of the user who owns the instance. */
  readonly ownerId: string;
  readonly teamId?: string | null | undefined;
  /** The business row that the instance moves. Its id may be made by the caller before the row is inserted. */
  readonly subject?: { readonly type: "request" | "project" | "vendor"; readonly id: string } | undefined;
  readonly actor?: ViewerActor | undefined;
  /** UUIDv7; made here unless the caller needs it earlier. */
  readonly id?: string | undefined;
};

/** Starts an instance in its definition's initial state. Errors: BAD_USER_INPUT (unknown or unpublished definition, unknown team, data that breaks its schema), DEFINITION_INVALID (what is stored cannot be read any more). */
export async function startInstance(tx: Tx, meta: WriteMeta, starting: Starting, begun?: Begun): Promise<InstanceHead> {
  const { definition, machine } = known(meta, begun) ?? (await getMachine(tx, meta, starting));
  if (starting.teamId) await assertPrincipal(tx, { type: "TEAM", id: starting.teamId }, "input.teamId");
  const { blank, outcome, actor } = decideStart(meta, { definition, machine, starting });
  return applyStart(tx, meta, blank, { machine, outcome, actor });
}

export type StartDecision = {
  readonly definition: Pick<Published, "id" | "key" | "now">;
  readonly machine: Machine;
  /** Its team has been looked up. */
  readonly starting: Starting;
};

/** The row before the first move, and the move. @throws BadUserInput when the data does not fit */
export function decideStart(
  meta: WriteMeta,
  { definition, machine, starting }: StartDecision,
): { blank: InstanceHead; outcome: Outcome; actor: Actor } {
  const actor = starting.actor ?? actorOfMeta(meta);
  const { data, fields, ownerId, teamId = null, subject } = starting;
  const outcome = accepted(start(machine, { data, chosen: fields, ownerId, teamId, actor, now: definition.now }));
  const { id = newId(), environment = "PROD" } = starting;
  const blank = {
    ...blankHead({ tenantId: meta.tenantId, id, definition, outcome, ownerId, teamId, environment }),
    subjectType: subject?.type ?? null,
    subjectId: subject?.id ?? null,
  };
  return { blank, outcome, actor };
}

type Startable = Pick<StartDecision, "definition" | "machine">;

/** What was read before, with a machine that is at hand. */
function known({ tenantId }: WriteMeta, { definition }: Begun = {}): Startable | null {
  const machine = definition && cachedMachine(tenantId, definition.id);
  return machine ? { definition, machine } : null;
}

async function getMachine(tx: Tx, { tenantId }: WriteMeta, starting: Starting): Promise<Startable> {
  const definition = await getPublished(tx, starting);
  return { definition, machine: orInvalid(() => remember(tenantId, definition)) };
}

async function getPublished(tx: Tx, { definitionKey, definitionId, environment }: Starting): Promise<Published> {
  const definition = await findPublished(tx, { definitionKey, definitionId, environment });
  if (definition) return definition;
  const [path, name] =
    definitionId === undefined ? ["input.definitionKey", `key ${quote(definitionKey ?? "")}`] : ["input.definitionId", "this id"];
  throw new BadUserInput([
    {
      path,
      message:
        environment && environment !== "PROD"
          ? `There is no published definition with ${name} in ${environment}. Publish or promote one, or choose another.`
          : `There is no published definition with ${name}. Publish one with publishDefinition, or choose another.`,
    },
  ]);
}
