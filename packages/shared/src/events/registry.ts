import { z } from "zod";
import { defineEvent } from "./define-event.js";

const id = z.uuid();
const principal = z.strictObject({ type: z.enum(["USER", "TEAM", "VENDOR"]), id }).nullable();
const changed = z.strictObject({ changed: z.array(z.string()) });
const none = z.strictObject({});

const instanceMove = {
  instanceId: id,
  definitionKey: z.string(),
  version: z.int().positive(),
  /** The instance's status after the move. */
  status: z.string(),
};

const taskMove = {
  taskId: id,
  instanceId: id,
  title: z.string(),
  /** The task's status after the move. */
  status: z.enum(["OPEN", "CLAIMED", "COMPLETED", "CLOSED"]),
  candidateRoles: z.array(z.string()),
  candidateUserIds: z.array(id),
  candidateTeamIds: z.array(id),
  assigneeId: id.nullable(),
};

const businessOf = ["request", "project", "vendor"] as const;

/**
 * Every event type of Weft. Unknown types do not compile, and a payload that does not fit its schema is refused before it is written.
 * Workflow events are written by the engine, the others by the service that makes the change.
 */
export const eventTypes = {
  ...byType(
    defineEvent({ type: "workflow.started", version: 1, subject: "instance", related: [...businessOf, "definition"], visibility: "subject", payload: z.strictObject({ ...instanceMove, to: z.string() }) }),
    defineEvent({ type: "workflow.transitioned", version: 1, subject: "instance", related: businessOf, visibility: "subject", payload: z.strictObject({ ...instanceMove, from: z.string(), to: z.string(), transition: z.string() }) }),
    defineEvent({ type: "workflow.assigned", version: 1, subject: "instance", related: [...businessOf, "user", "team"], visibility: "subject", payload: z.strictObject({ ...instanceMove, previous: principal, assignee: principal }) }),
    defineEvent({ type: "workflow.cancelled", version: 1, subject: "instance", related: businessOf, visibility: "subject", payload: z.strictObject({ ...instanceMove, from: z.string(), to: z.string() }) }),
    defineEvent({ type: "workflow.data_changed", version: 1, subject: "instance", related: businessOf, visibility: "subject", payload: z.strictObject({ ...instanceMove, changed: z.array(z.string()) }) }),
    defineEvent({ type: "workflow.emitted", version: 1, subject: "instance", related: businessOf, visibility: "subject", payload: z.strictObject({ instanceId: id, definitionKey: z.string(), name: z.string(), payload: z.record(z.string(), z.json()) }) }),
    defineEvent({ type: "task.opened", version: 1, subject: "task", related: ["instance", ...businessOf], visibility: "subject", payload: z.strictObject(taskMove) }),
    defineEvent({ type: "task.claimed", version: 1, subject: "task", related: ["instance", ...businessOf], visibility: "subject", payload: z.strictObject(taskMove) }),
    defineEvent({ type: "task.completed", version: 1, subject: "task", related: ["instance", ...businessOf], visibility: "subject", payload: z.strictObject({ ...taskMove, transition: z.string() }) }),
    defineEvent({ type: "task.closed", version: 1, subject: "task", related: ["instance", ...businessOf], visibility: "subject", payload: z.strictObject(taskMove) }),
  ),
  ...byType(
    defineEvent({ type: "definition.created", version: 1, subject: "definition", related: [], visibility: "subject", payload: z.strictObject({ key: z.string(), number: z.int().positive() }) }),
    defineEvent({ type: "definition.published", version: 1, subject: "definition", related: [], visibility: "subject", payload: z.strictObject({ key: z.string(), number: z.int().positive() }) }),
    defineEvent({ type: "requestType.created", version: 1, subject: "requestType", related: [], visibility: "subject", payload: z.strictObject({ key: z.string() }) }),
    defineEvent({ type: "request.created", version: 1, subject: "request", related: ["instance", "requestType", "building", "asset"], visibility: "subject", payload: z.strictObject({ number: z.string(), typeKey: z.string() }) }),
    defineEvent({ type: "request.updated", version: 1, subject: "request", related: ["instance"], visibility: "subject", payload: changed }),
    defineEvent({ type: "request.assigned", version: 1, subject: "request", related: ["instance", "user", "team", "vendor"], visibility: "subject", payload: z.strictObject({ assignee: principal }) }),
    defineEvent({ type: "building.created", version: 1, subject: "building", related: [], visibility: "subject", payload: none }),
    defineEvent({ type: "building.updated", version: 1, subject: "building", related: [], visibility: "subject", payload: changed }),
    defineEvent({ type: "asset.created", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: none }),
    defineEvent({ type: "asset.updated", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: changed }),
    defineEvent({ type: "vendor.created", version: 1, subject: "vendor", related: [], visibility: "subject", payload: none }),
    defineEvent({ type: "vendor.updated", version: 1, subject: "vendor", related: [], visibility: "subject", payload: changed }),
    defineEvent({ type: "vendor.deactivated", version: 1, subject: "vendor", related: [], visibility: "subject", payload: none }),
    defineEvent({ type: "project.created", version: 1, subject: "project", related: ["instance"], visibility: "subject", payload: none }),
  ),
  ...byType(
    defineEvent({ type: "tenant.created", version: 1, subject: "tenant", related: [], visibility: "subject", payload: none }),
    defineEvent({ type: "tenant.updated", version: 1, subject: "tenant", related: [], visibility: "subject", payload: changed }),
    defineEvent({ type: "user.created", version: 1, subject: "user", related: ["vendor"], visibility: "subject", payload: z.strictObject({ type: z.string() }) }),
    defineEvent({ type: "user.updated", version: 1, subject: "user", related: [], visibility: "subject", payload: changed }),
    defineEvent({ type: "team.created", version: 1, subject: "team", related: [], visibility: "subject", payload: z.strictObject({ key: z.string() }) }),
    defineEvent({ type: "team.updated", version: 1, subject: "team", related: ["user"], visibility: "subject", payload: changed }),
    defineEvent({ type: "role.created", version: 1, subject: "role", related: [], visibility: "subject", payload: z.strictObject({ key: z.string() }) }),
    defineEvent({ type: "role.changed", version: 1, subject: "role", related: [], visibility: "subject", payload: z.strictObject({ key: z.string(), changed: z.array(z.string()) }) }),
    /** The rights of one user are no longer what they were: caches of his viewer are dropped. */
    defineEvent({ type: "rights.changed", version: 1, subject: "user", related: [], visibility: "internal", payload: z.strictObject({ userId: id }) }),
    defineEvent({ type: "session.created", version: 1, subject: "session", related: ["user"], visibility: "internal", payload: z.strictObject({ sessionId: id, userId: id }) }),
    defineEvent({ type: "session.ended", version: 1, subject: "session", related: ["user"], visibility: "internal", payload: z.strictObject({ sessionId: id, userId: id, reason: z.string() }) }),
    /** A refresh token came a second time: its session was ended. */
    defineEvent({ type: "session.refresh_reused", version: 1, subject: "session", related: ["user"], visibility: "internal", payload: z.strictObject({ sessionId: id, userId: id }) }),
    defineEvent({ type: "notification.created", version: 1, subject: "notification", related: ["user"], visibility: "user", payload: z.strictObject({ notificationId: id, userId: id, kind: z.string() }) }),
    defineEvent({ type: "notification.read", version: 1, subject: "notification", related: ["user"], visibility: "user", payload: z.strictObject({ notificationId: id, userId: id }) }),
  ),
};

type EventRegistry = typeof eventTypes;

/** The name of an event type. */
export type EventType = keyof EventRegistry & string;

/** The payload of an event type, as its schema says. */
export type EventPayload<T extends EventType> = z.infer<EventRegistry[T]["payload"]>;

/** True for a name that the registry knows. */
export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventTypes, type);
}

type ByType<D extends { type: string }> = { readonly [T in D["type"]]: Extract<D, { type: T }> };

function byType<const D extends readonly { type: string }[]>(...definitions: D): ByType<D[number]> {
  return Object.fromEntries(definitions.map((definition) => [definition.type, definition])) as ByType<D[number]>;
}
