/** Instances that cannot go on by themselves: how they come to a stop, and how people let them go on. */
import { workflows } from "@weft/drizzle";
import {
  Forbidden,
  NotFound,
  encodeId,
  named,
  quote,
  visibleInstances,
  type OnPoison,
  type Permission,
  type PersonKeyring,
  type Tx,
  type WriteMeta,
} from "@weft/shared";
import { and, eq } from "drizzle-orm";
import { resolve } from "../core/resolve-incident.js";
import type { Machine } from "../core/machine.js";
import type { IncidentAction, NewIncident } from "../core/incident.js";
import { rejected } from "../core/rejection.js";
import { incidentOutcome } from "../core/settle.js";
import { statusReason } from "../core/verdict.js";
import { actorOfMeta, type ViewerActor } from "./actor.js";
import { applyChain, applyOutcome, assertVersion } from "./apply.js";
import { readChildren } from "./children.js";
import { findMachine, machineOf } from "./machines.js";
import { rejectionError } from "./rejection.js";
import { readInstance, snapshotOf, type InstanceHead, type InstanceRead } from "./snapshot.js";
import { orIncident } from "./unreadable.js";

const { incidents, instances } = workflows;

/** Stops an instance that runs. False when it does not run: then there is nothing to stop. Waits for concurrent moves. */
export async function openIncident(tx: Tx, meta: WriteMeta, instanceId: string, incident: NewIncident): Promise<boolean> {
  const read = await readInstance(tx, instanceId, { permission: "workflow.read", lockRead: true });
  if (read.head.status !== "RUNNING") return false;
  const actor = actorOfMeta(meta);
  const outcome = incidentOutcome(snapshotOf(read.head, read.openTasks), incident, { actor, now: read.now });
  await applyOutcome(tx, meta, read, { machine: null, outcome, actor });
  return true;
}

/** What the worker does about an event that a consumer cannot handle: the instance that it is about is stopped, until somebody resolves it. */
export function jobIncident(keyring: PersonKeyring): OnPoison {
  return async (tx, { consumer, event, instanceId, attempts }) => {
    if (instanceId === null) return;
    const { tenantId, actorId, onBehalfOf, requestId, traceId } = event;
    const meta: WriteMeta = { tenantId, actorId, onBehalfOf, requestId, traceId, sessionId: null, address: null, keyring };
    const message = `The job ${quote(consumer)} failed ${attempts} times over the event ${event.type} (${encodeId("event", event.id)}); the log says why. It goes on without it.`;
    await openIncident(tx, meta, instanceId, { kind: "JOB", message, place: `consumers.${consumer}` });
  };
}

/** The machine of an instance that is to move. One that cannot be read refuses the move, and stops this instance alone with an incident. */
export function machineToMove(tx: Tx, meta: WriteMeta, head: InstanceHead): Promise<Machine> {
  const { id, definitionId } = head;
  // It is known by now, and compiling once more would cost as much as the first time.
  if (head.status === "FAILED") throw rejectionError(rejected([statusReason(snapshotOf(head, []))]).rejection);
  return orIncident(
    () => machineOf(tx, meta.tenantId, definitionId),
    async (after, incident) => void (await openIncident(after, meta, id, incident)),
  );
}

export type Resolving = {
  /** UUID of the incident. */
  readonly id: string;
  readonly action: IncidentAction;
  readonly transition?: string | null | undefined;
  readonly input?: unknown;
  readonly comment?: string | null | undefined;
  /** Of the instance. */
  readonly expectedVersion?: number | null | undefined;
  readonly actor: ViewerActor;
};

/** What may be done to an instance by another verb, needs that verb's right here too. */
const alsoNeeds: Readonly<Partial<Record<IncidentAction, Permission>>> = { FIRE: "workflow.fire", CANCEL: "workflow.cancel" };

/**
 * Resolves an open incident and moves its instance on, in one write. The instance's new row.
 * Errors: NOT_FOUND, FORBIDDEN (FIRE and CANCEL need their own right), CONFLICT, TRANSITION_REJECTED (no longer open; every reason of a FIRE), BAD_USER_INPUT.
 */
export async function resolveIncident(tx: Tx, meta: WriteMeta, { id, expectedVersion, ...request }: Resolving): Promise<InstanceHead> {
  const { actor, action } = request;
  const instanceId = await findStopped(tx, id, actor);
  const read = await readInstance(tx, instanceId, { actor, permission: "incident.resolve" });
  await assertMay(tx, read, actor, alsoNeeds[action]);
  assertVersion(read.head, expectedVersion);
  const machine = await findMachine(tx, meta.tenantId, read.head.definitionId);
  const children = machine ? await readChildren(tx, machine, read.head) : undefined;
  const resolved = resolve(machine, { ...snapshotOf(read.head, read.openTasks), children }, { ...request, now: read.now });
  if (!resolved.ok) throw rejectionError(resolved.rejection);
  return applyChain(tx, meta, read, { machine, outcomes: resolved.outcomes, actor });
}

/** The instance that the incident stops. One that is resolved reads as such: the version guard sees to those that are at once. */
async function findStopped(tx: Tx, id: string, { viewer }: ViewerActor): Promise<string> {
  const [found] = await named(
    "findIncident",
    tx
      .select({ instanceId: incidents.instanceId, status: incidents.status })
      .from(incidents)
      .innerJoin(instances, and(eq(instances.tenantId, incidents.tenantId), eq(instances.id, incidents.instanceId)))
      .where(and(eq(incidents.id, id), visibleInstances(viewer, "incident.resolve", instances))),
  );
  if (!found) throw new NotFound("Incident", encodeId("incident", id));
  if (found.status !== "OPEN") throw rejectionError(resolvedAlready);
  return found.instanceId;
}

const resolvedAlready = {
  code: "TRANSITION_REJECTED",
  reasons: [{ rule: "status", message: "The incident is resolved already." }],
  problems: [],
} as const;

async function assertMay(tx: Tx, { head }: InstanceRead, { viewer }: ViewerActor, permission: Permission | undefined): Promise<void> {
  if (permission === undefined) return;
  const [found] = await named(
    "mayResolveSo",
    tx
      .select({ id: instances.id })
      .from(instances)
      .where(and(eq(instances.id, head.id), visibleInstances(viewer, permission, instances))),
  );
  if (!found) throw new Forbidden(`This way out needs the permission ${permission} for the instance too.`);
}
