/** What conditions, templates and action values can read. Built once per firing; reads own properties only, so prototypes are out of reach. */
import type { Actor } from "../actor.js";
import type { ShowId } from "../compile-options.js";
import type { JsonObject } from "../json.js";
import type { Snapshot } from "../snapshot.js";

export type Context = { readonly [root: string]: unknown };

/** The names beside `data` and `input`, with their types; used by the check at compile time. */
export const FIXED_PATHS: ReadonlyMap<string, "string" | "number" | "strings"> = new Map([
  ["instance.state", "string"],
  ["instance.version", "number"],
  ["instance.ownerId", "string"],
  ["instance.teamId", "string"],
  ["instance.assignee.type", "string"],
  ["instance.assignee.id", "string"],
  ["actor.id", "string"],
  ["actor.onBehalfOf", "string"],
  ["actor.roles", "strings"],
  ["actor.permissions", "strings"],
  ["now", "string"],
  ["comment", "string"],
]);

export function contextOf(
  snapshot: Pick<Snapshot, "state" | "version" | "ownerId" | "teamId" | "assignee">,
  move: {
    data: JsonObject;
    actor: Actor;
    now: string;
    input?: JsonObject | null;
    comment?: string | null;
    showId?: ShowId | undefined;
  },
): Context {
  const { state, version, ownerId, teamId, assignee } = snapshot;
  const { id, onBehalfOf, roles, permissions } = move.actor;
  const shown = <T extends string | null | undefined>(kind: Parameters<ShowId>[0], value: T) =>
    value ? (move.showId?.(kind, value) ?? value) : value;
  return {
    data: move.data,
    input: move.input ?? {},
    comment: move.comment ?? undefined,
    now: move.now,
    instance: {
      state,
      version,
      ownerId: shown("user", ownerId),
      teamId: shown("team", teamId),
      assignee: assignee && { type: assignee.type, id: shown(assignee.type, assignee.id) },
    },
    actor: { id: shown("user", id), onBehalfOf: shown("user", onBehalfOf), roles, permissions },
  };
}

/** The value at a path, or undefined where any part of it is absent. */
export function lookUp(context: Context, path: readonly string[]): unknown {
  let value: unknown = context;
  for (const part of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, part)) return undefined;
    value = (value as { [key: string]: unknown })[part];
  }
  return value;
}
