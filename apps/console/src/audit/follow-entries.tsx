import { useLive } from "@weft/react";
import type { AuditEntryFilter } from "../gql/graphql";
import { newEntriesSubscription, type AuditRow } from "./audit-operations";

interface FollowEntriesProps {
  readonly filter: AuditEntryFilter | null;
  readonly viewerId: string;
  readonly rows: readonly AuditRow[];
  readonly onNewer: () => void;
}

/** Follows the entries that the list does not have, from when it was loaded. */
export function FollowEntries({ filter, viewerId, rows, onNewer }: FollowEntriesProps) {
  const onEvent = ({ auditEntrySealed }: { readonly auditEntrySealed: { readonly entry: { readonly id: string } } }): void => {
    // Rows that were not sealed when the list was loaded are delivered, too.
    if (rows.every(({ id }) => id !== auditEntrySealed.entry.id)) onNewer();
  };
  // Looking at the trail is recorded in it. That is nothing new for whoever looks.
  const ownReads: AuditEntryFilter = { and: [{ class: { eq: "SENSITIVE_READ" } }, { actorId: { eq: viewerId } }] };
  const followed: AuditEntryFilter = { and: [...(filter ? [filter] : []), { not: ownReads }] };
  useLive(newEntriesSubscription, { filter: followed, after: newestCursor(rows) }, { onEvent, onGap: onNewer });
  return null;
}

/** The cursor of the entry that was sealed last. The list is in the order of the changes, which can be another one. */
function newestCursor(rows: readonly AuditRow[]): string | null {
  const [newest] = rows.toSorted((a, b) => (b.sequence ?? 0) - (a.sequence ?? 0));
  return newest?.liveCursor ?? null;
}
