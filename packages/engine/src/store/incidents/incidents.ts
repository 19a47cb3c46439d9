/**
 * Incidents: stops an instance that cannot continue, and lets people resolve the incident.
 * Only the instance that is affected stops.
 * This module never resolves an incident without a person, and never decides what a resolution does: the core does.
 */
import { visibleInstances } from "@weft/platform/rights";
import { workflows } from "@weft/drizzle";
import { Forbidden, NotFound, quote } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { named, type Tx } from "@weft/platform/db";
import type { OnPoison, WriteMeta } from "@weft/platform/events";
import type { PersonKeyring } from "@weft/platform/privacy";
import { and, eq } from "drizzle-orm";
import { resolve } from "../../core/incidents/resolve.js";
import type { Machine } from "../../core/model/machine.js";
import type { IncidentAction, NewIncident } from "../../core/model/incident.js";
import { rejected } from "../../core/model/rejection.js";
import { incidentOutcome } from "../../core/automatic/fire-automatic.js";
import { statusReason } from "../../core/transition/guards.js";
import { inCalendars } from "../calendar/calendars.js";
import { actorOfMeta, type ViewerActor } from "../model/actor.js";
import { applyChain, applyOutcome, assertVersion } from "../automatic/apply.js";
import { readChildren } from "../children/children.js";
import { findMachine, machineOf } from "../definition/machines.js";
import { rejectionError } from "../model/rejection.js";
import { readInstance, snapshotOf, type InstanceRead } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";
import { orIncident } from "../definition/unreadable.js";

const { incidents, instances } = workflows;

/** Stops a running instance. Returns false if it is not running, so there is nothing to stop. Waits for concurrent writes. */
export async function openIncident(tx: Tx, meta: WriteMeta, instanceId: string, incident: NewIncident): Promise<boolean> {
  const read = await readInstance(tx, instanceId, { permission: "workflow.read", lockRead: true });
  if (read.head.status !== "RUNNING") return false;
  const actor = actorOfMeta(meta);
  const outcome = incidentOutcome(snapshotOf(read.head, read.openTasks), incident, { actor, now: read.now });
  await applyOutcome(tx, meta, read, { machine: null, outcome, actor });
  return true;
}

/** What the worker does with an event that a consumer cannot handle: the instance of the event is stopped until somebody resolves the incident. */
export function jobIncident(keyring: PersonKeyring): OnPoison {
  return async (tx, { consumer, event, instanceId, attempts }) => {
    if (instanceId === null) return;
    const { tenantId, actorId, onBehalfOf, requestId, traceId } = event;
    const meta: WriteMeta = { tenantId, actorId, onBehalfOf, requestId, traceId, sessionId: null, address: null, keyring };
    const message = `The job ${quote(consumer)} failed ${attempts} times on the event ${event.type} (${encodeId("event", event.id)}). See the log for the cause. The job continues without this event.`;
    await openIncident(tx, meta, instanceId, { kind: "JOB", message, place: `consumers.${consumer}` });
  };
}

/** Returns the machine of the instance to change. If it cannot be read, the change is rejected, and only this instance is stopped with an incident. */
export function machineForTransition(tx: Tx, meta: WriteMeta, head: InstanceHead): Promise<Machine> {
  const { id, definitionId } = head;
  // The failure is already known; compiling again would cost as much as the first time.
  if (head.status === "FAILED") throw rejectionError(rejected([statusReason(snapshotOf(head, []))]).rejection);
  return orIncident(
    async () => inCalendars(tx, await machineOf(tx, meta.tenantId, definitionId), head),
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

/** An action that another operation also offers requires the permission of that operation here too. */
const alsoNeeds: Readonly<Partial<Record<IncidentAction, Permission>>> = { FIRE: "workflow.fire", CANCEL: "workflow.cancel" };

/**
 * Resolves an open incident and lets its instance continue, in one write. Returns the instance's new row. Errors: NOT_FOUND, FORBIDDEN (FIRE and
 * CANCEL require their own permission), CONFLICT, TRANSITION_REJECTED (no longer open; every reason of a FIRE), BAD_USER_INPUT.
 */
export async function resolveIncident(tx: Tx, meta: WriteMeta, { id, expectedVersion, ...request }: Resolving): Promise<InstanceHead> {
  const { actor, action } = request;
  const instanceId = await findStopped(tx, id, actor);
  const read = await readInstance(tx, instanceId, { actor, permission: "incident.resolve" });
  await assertMay(tx, read, actor, alsoNeeds[action]);
  assertVersion(read.head, expectedVersion);
  const machine = await inCalendars(tx, await findMachine(tx, meta.tenantId, read.head.definitionId), read.head);
  const children = machine ? await readChildren(tx, machine, read.head) : undefined;
  const resolved = resolve(machine, { ...snapshotOf(read.head, read.openTasks), children }, { ...request, now: read.now });
  if (!resolved.ok) throw rejectionError(resolved.rejection);
  return applyChain(tx, meta, read, { machine, outcomes: resolved.outcomes, actor });
}

/**
 * Returns the instance that the incident stops. An incident that is already resolved is rejected here; the version check handles concurrent
 * resolutions.
 */
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
  reasons: [{ rule: "status", message: "The incident is already resolved." }],
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
  if (!found) throw new Forbidden(`This action also requires the permission ${permission} for the instance.`);
}
