import { useWeft } from "@weft/react";
import { useEffect, useState } from "react";
import type { AuditEntryFilter, ConsoleAuditPageQuery } from "../gql/graphql";
import { usePageList, type PageList } from "../parts/pages/use-page-list";
import { auditPageQuery, newestEntryQuery, type AuditRow } from "./audit-operations";

export interface AuditPages extends PageList<AuditRow> {
  /** Whether there are entries that are newer than those of the list. */
  readonly hasNewer: boolean;
}

interface AuditPageVariables {
  readonly filter: AuditEntryFilter | null;
}

const newerMs = 15_000;

/**
 * The audit trail, page by page. Entries are never changed, so only newer ones are asked for: the list says that there are some, and shows them when the
 * user wants to, because rows that move while they are read cannot be read.
 */
export function useAuditPages(filter: AuditEntryFilter | null, viewerId: string): AuditPages {
  const pages = usePageList<ConsoleAuditPageQuery, AuditPageVariables, AuditRow>({
    query: auditPageQuery,
    variables: { filter },
    pageOf: ({ auditEntries }) => auditEntries,
  });
  const hasNewer = useHasNewer(filter, viewerId, pages.isStale ? undefined : (pages.rows?.[0]?.id ?? null));
  return { ...pages, hasNewer };
}

/** @param newestId undefined: nothing is asked, as long as the list is loaded */
function useHasNewer(filter: AuditEntryFilter | null, viewerId: string, newestId: string | null | undefined): boolean {
  const client = useWeft();
  // Looking at the trail is recorded in it. That is nothing new for whoever looks.
  const ownReads: AuditEntryFilter = { and: [{ class: { eq: "SENSITIVE_READ" } }, { actorId: { eq: viewerId } }] };
  const key = JSON.stringify({ and: [...(filter ? [filter] : []), { not: ownReads }] });
  const [newer, setNewer] = useState<string | null>(null);
  useEffect(() => {
    setNewer(null);
    if (newestId === undefined) return undefined;
    const ended = new AbortController();
    const { signal } = ended;
    const ask = async (): Promise<void> => {
      if (document.hidden) return;
      // The next time comes soon, and the list itself says what is wrong.
      const found = await client.query(newestEntryQuery, { filter: JSON.parse(key) as AuditEntryFilter }, { signal }).catch(() => null);
      const id = found?.auditEntries?.edges[0]?.node.id ?? null;
      // IDs increase with time.
      if (!signal.aborted && id !== null && (newestId === null || id > newestId)) setNewer(id);
    };
    const timer = setInterval(() => void ask(), newerMs);
    addEventListener("focus", () => void ask(), { signal });
    return () => {
      ended.abort();
      clearInterval(timer);
    };
  }, [client, key, newestId]);
  return newer !== null;
}
