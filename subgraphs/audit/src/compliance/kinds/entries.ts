import type { ReportDraft } from "../run/draft.js";

/** An entry of the audit log, as reports read it. */
export interface ReportedEntry {
  readonly id: string;
  readonly action: string;
  readonly summary: string;
  readonly entityType: string;
  readonly entityId: string;
  readonly at: string;
  readonly sessionId: string | null;
  readonly apiKeyId: string | null;
  readonly actor: { readonly id: string } | null;
  readonly onBehalfOf: { readonly id: string } | null;
}

const fields = "id action summary entityType entityId at sessionId apiKeyId actor { id: nodeKey } onBehalfOf { id: nodeKey }";

interface EntriesQuestion {
  /** Name of the operation. */
  readonly name: string;
  readonly filter: Readonly<Record<string, unknown>>;
}

/** Returns entries of the audit log, newest first. */
export const entriesOf = ({ reader }: ReportDraft, { name, filter }: EntriesQuestion): AsyncGenerator<ReportedEntry> =>
  reader.list<ReportedEntry>(
    {
      subgraph: "audit",
      name,
      query: `query ${name}($filter: AuditEntryFilter, $first: Int, $after: String) {
        auditEntries(filter: $filter, first: $first, after: $after) {
          edges { node { ${fields} } }
          pageInfo { endCursor hasNextPage }
          totalCount
        }
      }`,
      variables: { filter },
    },
    "auditEntries",
  );

/** Returns the number of entries of the audit log. Its path in the result is `auditEntries.totalCount`. */
export async function countEntriesOf({ reader }: ReportDraft, { name, filter }: EntriesQuestion): Promise<number> {
  const { auditEntries } = await reader.ask<{ auditEntries: { totalCount: number } }>({
    subgraph: "audit",
    name,
    query: `query ${name}($filter: AuditEntryFilter) { auditEntries(filter: $filter, first: 1) { totalCount } }`,
    variables: { filter },
  });
  return auditEntries.totalCount;
}

export const lastActivityOperation = "LastActivityOfUser";

const lastActivityQuery = `query ${lastActivityOperation}($actorId: ID!) {
  auditEntries(filter: { actorId: { eq: $actorId } }, first: 1) { edges { node { at } } }
}`;

/** Returns the time of the newest entry of a user: a change or a login. Null if there is none. */
export async function lastActivityOf({ reader }: ReportDraft, actorId: string): Promise<string | null> {
  const { auditEntries } = await reader.ask<{ auditEntries: { edges: readonly { readonly node: { readonly at: string } }[] } }>({
    subgraph: "audit",
    name: lastActivityOperation,
    query: lastActivityQuery,
    variables: { actorId },
    forEach: ["actorId"],
  });
  return auditEntries.edges[0]?.node.at ?? null;
}

/** Returns the day of a time in a time zone, as 2026-03-01. */
export const dayOf = (time: string, timeZone: string): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(time));
