import { useState } from "react";
import type { AuditEntryFilter, ConsoleAuditPageQuery } from "../gql/graphql";
import { usePageList, type PageList } from "../parts/pages/use-page-list";
import { auditPageQuery, type AuditRow } from "./audit-operations";

export interface AuditPages extends PageList<AuditRow> {
  /** Whether there are entries that are newer than those of the list. */
  readonly hasNewer: boolean;
  /** Call it when there are. */
  readonly onNewer: () => void;
}

interface AuditPageVariables {
  readonly filter: AuditEntryFilter | null;
}

/**
 * The audit trail, page by page. Entries are never changed, so only newer ones are followed (`FollowEntries`): the list says that there are some, and shows
 * them when the user wants to, because rows that move while they are read cannot be read.
 */
export function useAuditPages(filter: AuditEntryFilter | null): AuditPages {
  const pages = usePageList<ConsoleAuditPageQuery, AuditPageVariables, AuditRow>({
    query: auditPageQuery,
    variables: { filter },
    pageOf: ({ auditEntries }) => auditEntries,
  });
  // Stays the same when further pages are added, and is another one when the list is loaded again.
  const list = pages.rows?.[0] ?? pages.rows;
  const [outdated, setOutdated] = useState<unknown>(null);
  return { ...pages, hasNewer: list !== null && outdated === list, onNewer: () => setOutdated(list) };
}
