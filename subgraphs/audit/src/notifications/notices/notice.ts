/** Notices of events, and what those of all kinds share. */
import type { EventEnvelope, EventPayload } from "@weft/shared/event-catalog";
import type { Tx } from "@weft/platform/db";
import { leadsOfTeam, membersOfRole, membersOfTeam, usersOfVendor } from "@weft/platform/directory";
import type { Channel } from "../preferences/effective.js";
import type { NotificationKind } from "../notification.type.js";

/** A notification and its recipients. */
export interface Notice {
  readonly kind: NotificationKind;
  readonly title: string;
  readonly params: Record<string, string>;
  readonly subject: { readonly type: string; readonly id: string };
  /** UUIDs, without duplicates. */
  readonly userIds: readonly string[];
  /** The rule of the tenant that causes it. */
  readonly rule?: NoticeOfRule;
}

/** What a rule decides about its notifications. */
export interface NoticeOfRule {
  /** UUID */
  readonly id: string;
  readonly channels: readonly Channel[];
  /** Users cannot turn it off. */
  readonly isMandatory: boolean;
}

/** A notice, and the users whose substitutes are notified too: those named directly by the work. */
export type NoticeAndNamed = Notice & { readonly named?: readonly string[] };

/** What a notice about a workflow is about: the task, if it concerns one; otherwise the request, if the workflow belongs to one. */
export function workSubject(
  related: EventEnvelope["related"],
  { instanceId, taskId = null }: { readonly instanceId: string; readonly taskId?: string | null },
): Notice["subject"] {
  if (taskId !== null) return { type: "task", id: taskId };
  const requestId = related["request"];
  return requestId === undefined ? { type: "instance", id: instanceId } : { type: "request", id: requestId };
}

/** Returns the users whom a rule of a definition references, by UUID, without duplicates. */
export async function everybodyIn(
  tx: Tx,
  { userIds, roles, teamIds, vendorIds, ledTeamIds }: EventPayload<"task.overdue">["notified"],
): Promise<string[]> {
  const all = [
    ...userIds,
    ...(await membersOfRole(tx, roles)),
    ...(await membersOfTeam(tx, teamIds)),
    ...(await usersOfVendor(tx, vendorIds)),
    ...(await leadsOfTeam(tx, ledTeamIds)),
  ];
  return [...new Set(all)];
}
