/** The values that conditions, templates and actions can read. Built once per firing. Only own properties are read, so prototypes are out of reach. */
import { DEFAULT_CALENDARS } from "../calendar/compile.js";
import type { Actor } from "../model/actor.js";
import type { Calendars } from "../model/calendar.js";
import type { ShowId } from "../model/compile-options.js";
import type { JsonObject } from "../model/json.js";
import type { Snapshot } from "../model/snapshot.js";

/** A symbol: paths cannot reach it, and it is copied with the context. */
const CALENDARS = Symbol("calendars");

export type Context = { readonly [root: string]: unknown };
type Counting = { readonly [CALENDARS]?: Calendars | null };

/** Returns the calendars by which a context counts: those of the instance's team or tenant, or the default ones. */
export const calendarsOf = (context: Context): Calendars => (context as Counting)[CALENDARS] ?? DEFAULT_CALENDARS;

/** The names in addition to `data` and `input`, with their types. Used by the check at compile time. */
export const FIXED_PATHS: ReadonlyMap<string, "string" | "number" | "strings"> = new Map([
  ["instance.state", "string"],
  ["instance.version", "number"],
  ["instance.ownerId", "string"],
  ["instance.teamId", "string"],
  ["instance.assignee.type", "string"],
  ["instance.assignee.id", "string"],
  ["request.type", "string"],
  ["actor.id", "string"],
  ["actor.onBehalfOf", "string"],
  ["actor.roles", "strings"],
  ["actor.permissions", "strings"],
  ["now", "string"],
  ["comment", "string"],
]);

export function contextOf(
  snapshot: Pick<Snapshot, "state" | "version" | "ownerId" | "teamId" | "assignee" | "requestType">,
  facts: {
    data: JsonObject;
    actor: Actor;
    now: string;
    input?: JsonObject | null;
    comment?: string | null;
    showId?: ShowId | undefined;
    calendars?: Calendars | null;
  },
): Context {
  const { state, version, ownerId, teamId, assignee, requestType } = snapshot;
  const { id, onBehalfOf, roles, permissions } = facts.actor;
  const shown = <T extends string | null | undefined>(kind: Parameters<ShowId>[0], value: T) =>
    value ? (facts.showId?.(kind, value) ?? value) : value;
  const context: Context & Counting = {
    [CALENDARS]: facts.calendars ?? null,
    data: facts.data,
    input: facts.input ?? {},
    comment: facts.comment ?? undefined,
    now: facts.now,
    instance: {
      state,
      version,
      ownerId: shown("user", ownerId),
      teamId: shown("team", teamId),
      assignee: assignee && { type: assignee.type, id: shown(assignee.type, assignee.id) },
    },
    // Absent for an instance that belongs to no request.
    request: { type: requestType ?? undefined },
    actor: { id: shown("user", id), onBehalfOf: shown("user", onBehalfOf), roles, permissions },
  };
  return context;
}

/** Returns the value at a path, or undefined if any part of it is absent. */
export function lookUp(context: Context, path: readonly string[]): unknown {
  let value: unknown = context;
  for (const part of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, part)) return undefined;
    value = (value as { [key: string]: unknown })[part];
  }
  return value;
}
