export type ReadId = (kind: "user" | "team", id: string) => string | null;

export type ShowId = (kind: "user" | "team" | "vendor", id: string) => string;

export type CompileOptions = {
  /** It was published by an earlier release that checked less: defaults that do not fit are passed over in place of being a problem. */
  readonly isPublished?: boolean;
  /** Gives line and column of a path (from `parseDefinition`), so that problems carry them. */
  readonly locate?: (path: readonly (string | number)[]) => { readonly line: number; readonly column: number } | undefined;
  /** Role keys of the tenant. When given, another role key is a problem. */
  readonly knownRoles?: readonly string[];
  /** Permission keys of the platform. When given, another permission key is a problem. */
  readonly knownPermissions?: readonly string[];
  /** What an id in the text stands for in actors and snapshots; null: there is no such user or team. When absent, an id stands for itself. */
  readonly readId?: ReadId;
  /** How conditions, templates and actions see an id of an actor or a snapshot. When absent, as it is. */
  readonly showId?: ShowId;
};
