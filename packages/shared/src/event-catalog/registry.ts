import type { z } from "zod";
import type { Aggregate, DeclaredEvent } from "../aggregates/aggregate.js";
import { aggregates, type Entries } from "../aggregates/entries.js";
import type { SubjectType } from "../ids/object-types.js";
import { none } from "./payloads.js";

/** An entry of the registry. */
export interface EventDefinition<Type extends string = string, Payload extends z.ZodType = z.ZodType> extends Required<
  Omit<DeclaredEvent<SubjectType>, "isAboutAny">
> {
  readonly type: Type;
  readonly payload: Payload;
  readonly isAboutAny?: true;
}

type PayloadOf<Event> = Event extends { readonly payload: infer Payload extends z.ZodType } ? Payload : typeof none;

/** The definitions of declared types, whose subjects and related objects must be of types that events can be about. */
type DefinitionsOf<Declared extends Readonly<Record<string, DeclaredEvent<SubjectType>>>> = {
  readonly [Type in keyof Declared & string]: EventDefinition<Type, PayloadOf<Declared[Type]>>;
};

type EventRegistry = DefinitionsOf<Entries<"events">>;

/**
 * Every event type of Weft. Unknown types do not compile, and a payload that does not match its schema is rejected before it is written. Workflow
 * events are written by the engine, the others by the service that makes the change.
 */
export const eventTypes = Object.fromEntries(
  aggregates.flatMap(({ types, events = {} }: Aggregate) => {
    const defaults = { version: 1, subject: Object.keys(types)[0], related: [], payload: none };
    return Object.entries(events).map(([type, event]) => [type, { ...defaults, ...event, type }]);
  }),
) as EventRegistry;

/** The name of an event type. */
export type EventType = keyof EventRegistry;

/** The payload of an event type, according to its schema. */
export type EventPayload<T extends EventType> = z.infer<EventRegistry[T]["payload"]>;

/** Returns whether the registry contains an event type of that name. */
export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventTypes, type);
}
