import type { SnapshotTask } from "../../core/model/snapshot.js";
import type { Recipient } from "../../core/model/timer.js";
import type { InstanceHead } from "./instance-head.js";

/** Users, roles, teams and vendors to notify. */
export type People = { userIds: string[]; roles: string[]; teamIds: string[]; vendorIds: string[]; ledTeamIds: string[] };

export const nobody: People = { userIds: [], roles: [], teamIds: [], vendorIds: [], ledTeamIds: [] };

/** What decides who works on a task. */
type OfferedTask = Pick<SnapshotTask, "assigneeId" | "candidateUserIds" | "candidateRoles" | "candidateTeamIds" | "candidateVendorIds">;

/** Returns whom the recipients are at this moment. */
export function peopleOf(notify: readonly Recipient[], head: InstanceHead, tasks: readonly OfferedTask[]): People {
  const people: People = { userIds: [], roles: [], teamIds: [], vendorIds: [], ledTeamIds: [] };
  if (notify.includes("owner")) people.userIds.push(head.ownerId);
  if (notify.includes("assignee")) addAssignees(people, head, tasks);
  if (notify.includes("candidates")) for (const task of tasks) if (task.assigneeId === null) addCandidates(people, task);
  if (notify.includes("lead")) people.ledTeamIds.push(...ledTeamsOf(head));
  return {
    userIds: unique(people.userIds),
    roles: unique(people.roles),
    teamIds: unique(people.teamIds),
    vendorIds: unique(people.vendorIds),
    ledTeamIds: unique(people.ledTeamIds),
  };
}

/** The teams whose leads are meant by "lead": the instance's team, and the team that it is assigned to. */
export const ledTeamsOf = ({ teamId, assigneeTeamId }: InstanceHead): string[] => [teamId, assigneeTeamId].filter((id) => id !== null);

/** The users who have claimed the tasks; the instance's assignee if there is no task. */
function addAssignees(people: People, head: InstanceHead, tasks: readonly OfferedTask[]): void {
  if (tasks.length > 0) people.userIds.push(...tasks.flatMap(({ assigneeId }) => assigneeId ?? []));
  else if (head.assigneeUserId !== null) people.userIds.push(head.assigneeUserId);
  else if (head.assigneeTeamId !== null) people.teamIds.push(head.assigneeTeamId);
  else if (head.assigneeVendorId !== null) people.vendorIds.push(head.assigneeVendorId);
}

function addCandidates(people: People, task: OfferedTask): void {
  people.userIds.push(...(task.candidateUserIds ?? []));
  people.roles.push(...(task.candidateRoles ?? []));
  people.teamIds.push(...(task.candidateTeamIds ?? []));
  people.vendorIds.push(...(task.candidateVendorIds ?? []));
}

export const unique = (all: readonly string[]): string[] => [...new Set(all)];
