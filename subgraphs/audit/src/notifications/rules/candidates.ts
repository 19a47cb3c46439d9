/** Users whom the recipients of a rule mean for an event, regardless of whether they can see its object. */
import { recipientValues, type CompiledNoticeRule } from "@weft/engine";
import { isBusinessType } from "@weft/shared/aggregates";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { isUuid, parseAnyId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { membersOfRole, membersOfTeam, usersOfVendor, watchersOf } from "@weft/platform/directory";
import { SYSTEM_ID } from "@weft/platform/events";
import { ruleEventOf } from "./rule-event.js";
import type { DestinationRow } from "../destinations/destination.store.js";
import { findChats, findParties, findRoleKeys, type Parties, type RuleRecipient } from "./rule.store.js";

/** Returns their UUIDs, without duplicates, in order. The number of statements does not depend on the number of recipients. */
export async function candidatesOf(
  tx: Tx,
  { recipients }: { readonly recipients: readonly RuleRecipient[] },
  { event, compiled }: { readonly event: EventEnvelope; readonly compiled: CompiledNoticeRule },
): Promise<string[]> {
  const [users, teams, roles, vendors] = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
  const relations = new Set<string>();
  for (const one of recipients) {
    if (one.type === "ROLE") roles.add(one.role);
    if (one.type === "TEAM") teams.add(one.teamId);
    if (one.type === "USER") users.add(one.userId);
    if (one.type === "RELATION") relations.add(one.relation);
  }
  const roleIds: string[] = [];
  for (const text of recipientValues(compiled, ruleEventOf(event))) {
    const id = parseAnyId(text);
    if (id?.type === "user") users.add(id.uuid);
    if (id?.type === "team") teams.add(id.uuid);
    if (id?.type === "role") roleIds.push(id.uuid);
  }
  for (const key of await findRoleKeys(tx, roleIds)) roles.add(key);
  const requestId = event.subjectType === "request" ? event.subjectId : (event.related["request"] ?? null);
  if (relations.has("ACTOR") && event.actorId !== SYSTEM_ID) users.add(event.actorId);
  if (relations.has("WATCHERS") && requestId !== null)
    for (const id of await watchersOf(tx, requestId, isInternal(event) ? "INTERNAL" : "PUBLIC")) users.add(id);
  if (relations.has("OWNER") || relations.has("ASSIGNEE") || relations.has("REQUESTER")) {
    const parties = await findParties(tx, instanceOf(event));
    const ownerId = uuidIn(event, "ownerId") ?? parties?.ownerId ?? null;
    if (relations.has("OWNER") && ownerId !== null) users.add(ownerId);
    if (relations.has("REQUESTER") && requestId !== null && parties !== null) users.add(parties.ownerId);
    if (relations.has("ASSIGNEE")) addAssignee({ users, teams, vendors }, event, parties);
  }
  const all = new Set([
    ...users,
    ...(await membersOfRole(tx, [...roles])),
    ...(await membersOfTeam(tx, [...teams])),
    ...(await usersOfVendor(tx, [...vendors])),
  ]);
  return [...all].toSorted();
}

/** Returns the chats of teams that the recipients mean, each once. At most one statement. */
export async function chatsOf(
  tx: Tx,
  { recipients }: { readonly recipients: readonly RuleRecipient[] },
): Promise<(DestinationRow & { readonly teamId: string })[]> {
  const teamIds = recipients.flatMap((one) => (one.type === "TEAM_CHATS" ? [one.teamId] : []));
  const ids = recipients.flatMap((one) => (one.type === "CHAT" ? [one.destinationId] : []));
  if (teamIds.length + ids.length === 0) return [];
  return (await findChats(tx, { teamIds, ids })).flatMap((row) => (row.teamId === null ? [] : [{ ...row, teamId: row.teamId }]));
}

/** Returns whether an event is about an internal comment. */
export const isInternal = ({ payload }: Pick<EventEnvelope, "payload">): boolean => payload["audience"] === "INTERNAL";

/** The assignee of the task that the event is about; otherwise that of the instance. */
function addAssignee(
  { users, teams, vendors }: Record<"users" | "teams" | "vendors", Set<string>>,
  event: EventEnvelope,
  parties: Parties | null,
): void {
  const ofTask = uuidIn(event, "assigneeId");
  if (event.subjectType === "task" && ofTask !== null) users.add(ofTask);
  else if (parties?.assigneeUserId) users.add(parties.assigneeUserId);
  else if (parties?.assigneeTeamId) teams.add(parties.assigneeTeamId);
  else if (parties?.assigneeVendorId) vendors.add(parties.assigneeVendorId);
}

function instanceOf(event: EventEnvelope): { readonly instanceId: string | null; readonly businessId: string | null } {
  const { subjectType, subjectId, related } = event;
  const instanceId = subjectType === "instance" ? subjectId : (related["instance"] ?? uuidIn(event, "instanceId"));
  return { instanceId, businessId: isBusinessType(subjectType) ? subjectId : null };
}

function uuidIn({ type, payload }: EventEnvelope, field: string): string | null {
  // The tenant decides what the payload of a custom event contains.
  const value = type === "custom.published" ? undefined : payload[field];
  return typeof value === "string" && isUuid(value) ? value : null;
}
