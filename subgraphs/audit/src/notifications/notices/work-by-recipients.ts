/** What the title of a notice tells each recipient about the business object of a workflow. */
import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { Tx } from "@weft/platform/db";
import { type NamedWork, namesOfWork, staffWhoReadRequest, subjectOfAncestors, typeOfWork, usersWhoCanSee } from "@weft/platform/directory";

/** Recipients who are told the same. */
export interface WorkOfRecipients {
  /** Null if the event references no business object. */
  readonly work: NamedWork | null;
  /** UUIDs */
  readonly userIds: readonly string[];
}

/**
 * Splits recipients by what they are told about the business object that an event references. The name of a request is a text of its form. Users who have
 * a task of its workflow but cannot read the request are told only its number. So are users of a vendor, because they keep their notifications when the
 * vendor loses the request. The workflow of a child is about what its nearest ancestor is about, for users who can see this ancestor.
 * @param userIds users who can see the workflow, by `usersWhoCanSee`
 */
export async function workByRecipients(
  tx: Tx,
  { related, instanceId }: Pick<EventEnvelope, "related"> & { readonly instanceId: unknown },
  userIds: readonly string[],
): Promise<WorkOfRecipients[]> {
  if (typeOfWork(related) !== undefined || typeof instanceId !== "string") return ownWorkByRecipients(tx, related, userIds);
  const inherited = await subjectOfAncestors(tx, instanceId);
  if (inherited === null) return [{ work: null, userIds }];
  const seeing = new Set(await usersWhoCanSee(tx, userIds, inherited.ancestorId));
  return [
    ...(await ownWorkByRecipients(
      tx,
      { [inherited.type]: inherited.id },
      userIds.filter((id) => seeing.has(id)),
    )),
    { work: null, userIds: userIds.filter((id) => !seeing.has(id)) },
  ];
}

async function ownWorkByRecipients(tx: Tx, related: EventEnvelope["related"], userIds: readonly string[]): Promise<WorkOfRecipients[]> {
  const work = await namesOfWork(tx, related);
  const requestId = related["request"];
  if (work === null || work.name === null || requestId === undefined) return [{ work, userIds }];
  const readers = new Set(await staffWhoReadRequest(tx, userIds, requestId));
  return [
    { work, userIds: userIds.filter((id) => readers.has(id)) },
    { work: { ...work, name: null }, userIds: userIds.filter((id) => !readers.has(id)) },
  ];
}
