import type { ConsoleDashboardChoicesQuery } from "../gql/graphql";
import { words } from "../formats/values";
import type { DashboardSearch } from "./dashboard-search";
import type { Filters } from "../requests/filters/filter-keys";

type Choices = ConsoleDashboardChoicesQuery;

/** What the numbers are about. */
export interface Scope {
  /** The same, for a list of requests. */
  readonly requests: Filters;
  /** For the statistics of requests. Null if they cannot be limited in the same way. */
  readonly statistics: { readonly typeId?: string; readonly buildingId?: string } | null;
  /** Whether the workflows belong to requests, so that a list can show them. */
  readonly isOfRequests: boolean;
  /** Whether workflows, tasks and SLAs are shown: they cannot be counted by building. */
  readonly hasWork: boolean;
}

/** Keys of the definitions that requests follow. */
export const requestDefinitions = (choices: Choices | null): ReadonlySet<string> =>
  new Set(choices?.requestTypes?.edges.map(({ node }) => node.definitionKey));

/** Returns the title of a definition, or its key as words if the user cannot see it. */
export const definitionName = (choices: Choices | null, key: string): string =>
  choices?.definitions?.edges.find(({ node }) => node.key === key)?.node.name ?? words(key);

export function scopeOf({ process, building }: DashboardSearch, choices: Choices | null): Scope {
  const types = choices?.requestTypes?.edges.filter(({ node }) => node.definitionKey === process) ?? [];
  const [type] = types;
  return {
    requests: {
      ...(process !== undefined && { workflow: process }),
      ...(building !== undefined && { building }),
    },
    statistics:
      process !== undefined && (type === undefined || types.length > 1)
        ? null
        : { ...(process !== undefined && type && { typeId: type.node.id }), ...(building !== undefined && { buildingId: building }) },
    isOfRequests: process === undefined || type !== undefined,
    hasWork: building === undefined,
  };
}
