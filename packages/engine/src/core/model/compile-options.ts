import type { StepType } from "./automation.js";
import type { Locate } from "./problems.js";

export type ReadId = (kind: "user" | "team", id: string) => string | null;

export type ShowId = (kind: "user" | "team" | "vendor", id: string) => string;

export type CompileOptions = {
  /** The definition may have been published by an earlier release, which checked less. Invalid defaults are ignored, and scenarios are not read. */
  readonly isPublished?: boolean;
  /** The step types that automations can use. Those of Weft if absent. */
  readonly stepTypes?: ReadonlyMap<string, StepType>;
  /** Returns line and column of a path (from `parseDefinition`), so that problems include them. */
  readonly locate?: Locate;
  /** Role keys of the tenant. If given, any other role key is a problem. */
  readonly knownRoles?: readonly string[];
  /** Permission keys of the platform. If given, any other permission key is a problem. */
  readonly knownPermissions?: readonly string[];
  /** Converts an ID in the text to the ID in actors and snapshots; null: there is no such user or team. If absent, IDs are used as they are. */
  readonly readId?: ReadId;
  /** Converts an ID of an actor or a snapshot to the one that conditions, templates and actions see. If absent, IDs are used as they are. */
  readonly showId?: ShowId;
};
