import type { z } from "zod";
import type { IdType } from "../ids/type-ids.js";

/** What an event can be about: the types of ids. */
export type SubjectType = Extract<
  IdType,
  | "tenant"
  | "user"
  | "team"
  | "role"
  | "session"
  | "definition"
  | "instance"
  | "task"
  | "incident"
  | "bulkOperation"
  | "absence"
  | "taskRemark"
  | "routingRule"
  | "requestType"
  | "request"
  | "building"
  | "asset"
  | "vendor"
  | "project"
  | "notification"
  | "auditVerification"
>;

/**
 * Who may learn that the event happened.
 * - `subject`: whoever may see the subject (the same predicate as for reading it)
 * - `user`: the user named by `payload.userId`
 * - `internal`: nobody outside the platform (sessions, rights)
 */
export type EventVisibility = "subject" | "user" | "internal";

/** One entry of the registry. */
export interface EventDefinition<Type extends string = string, Payload extends z.ZodType = z.ZodType> {
  readonly type: Type;
  /** Grows when the payload changes incompatibly; readers get the version that was written. */
  readonly version: number;
  /** Ids and plain facts. Personal values stay out of payloads: what must name a person carries the user's id. */
  readonly payload: Payload;
  readonly subject: SubjectType;
  /** Further objects that the event may name, by type. */
  readonly related: readonly SubjectType[];
  readonly visibility: EventVisibility;
}

/** Declares an event type, keeping its literal name and payload for the compiler. */
export function defineEvent<const Type extends string, Payload extends z.ZodType>(
  definition: EventDefinition<Type, Payload>,
): EventDefinition<Type, Payload> {
  return definition;
}

type ByType<D extends { type: string }> = { readonly [T in D["type"]]: Extract<D, { type: T }> };

/** Definitions by their names. */
export function byType<const D extends readonly { type: string }[]>(...definitions: D): ByType<D[number]> {
  return Object.fromEntries(definitions.map((definition) => [definition.type, definition])) as ByType<D[number]>;
}
