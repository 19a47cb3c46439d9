import type { z } from "zod";
import type { SubjectType } from "../../ids/object-types.js";

/** Types of objects that an event can be about. */
export type { SubjectType };

/**
 * Users who can learn of the event.
 * - `subject`: users who can see the subject (the same predicate as for reading it)
 * - `user`: the user referenced by `payload.userId`
 * - `internal`: nobody outside the platform (sessions, rights)
 */
export type EventVisibility = "subject" | "user" | "internal";

/** An entry of the registry. */
export interface EventDefinition<Type extends string = string, Payload extends z.ZodType = z.ZodType> {
  readonly type: Type;
  /** Incremented when the payload changes incompatibly. Readers receive the version that was written. */
  readonly version: number;
  /** IDs and plain facts. Payloads must not contain personal values; to refer to a person, they contain the user's ID. */
  readonly payload: Payload;
  readonly subject: SubjectType;
  /** Whether an event can be about an object of any type. Then `subject` is its type if the writer specifies none. */
  readonly isAboutAny?: true;
  /** Types of further objects that the event can reference. */
  readonly related: readonly SubjectType[];
  readonly visibility: EventVisibility;
}

/** Declares an event type and preserves its literal name and payload for the compiler. */
export function defineEvent<const Type extends string, Payload extends z.ZodType>(
  definition: EventDefinition<Type, Payload>,
): EventDefinition<Type, Payload> {
  return definition;
}

type ByType<D extends { type: string }> = { readonly [T in D["type"]]: Extract<D, { type: T }> };

/** Returns the definitions by type name. */
export function byType<const D extends readonly { type: string }[]>(...definitions: D): ByType<D[number]> {
  return Object.fromEntries(definitions.map((definition) => [definition.type, definition])) as ByType<D[number]>;
}
