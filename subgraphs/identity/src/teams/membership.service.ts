import { BadUserInput, Forbidden, NotFound, quote } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { reachesTeam } from "@weft/platform/access";
import { writeAudit } from "@weft/platform/audit";
import { mapDatabaseError, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { announceRevocations } from "../revocations.js";
import {
  assertMayFillTeams,
  assertMayJoin,
  assertMayTakeFromTeam,
  assertCurrentRights,
  lockRights,
  raiseRightsVersion,
} from "../rights/rights.service.js";
import { isOperatorUser } from "../users/creation/operator-user.js";
import { assertReachStays, seesUser } from "../users/user-reach.service.js";
import type { AddTeamMemberInput, RemoveTeamMemberInput } from "./team.input.js";
import { leadsTeam } from "./team-reach.js";
import { deleteTeamMembers, excludeFormerMembers, findLeadIds, findMemberIds, lockTeam, putTeamMembers, touchTeam } from "./team.store.js";
import type { TeamRow } from "./team.store.js";

/**
 * Adds a member, or changes whether a member is a lead.
 * @throws NotFound (team), BadUserInput (user), Forbidden
 */
export function addTeamMember(ctx: Context, input: AddTeamMemberInput): Promise<TeamRow> {
  const userId = decodeId("user", input.userId, "input.userId");
  return changeMembers(ctx, input, "team.addMember", async (tx, { teamId, byLead, leadIds }) => {
    assertMayFillTeams(ctx.viewer, [teamId]);
    await assertMayJoin(tx, ctx.viewer, { userIds: [userId], teamId });
    if (byLead && (input.isLead || leadIds.includes(userId)))
      throw new Forbidden("Choosing the leads of a team requires the permission team.update.");
    // An operator's permissions are fixed, and operator users are temporary.
    if (await isOperatorUser(tx, userId)) throw unknownUser(input.userId);
    const member = { tenantId: ctx.viewer.tenantId, teamId, userId, isLead: input.isLead };
    await putTeamMembers(tx, [member]).catch((error: unknown) => {
      throw mapDatabaseError(error, { team_members_user_fkey: () => unknownUser(input.userId) });
    });
  });
}

/** @throws NotFound (team), BadUserInput (a user who is not in the team), Forbidden */
export function removeTeamMember(ctx: Context, input: RemoveTeamMemberInput): Promise<TeamRow> {
  const userId = decodeId("user", input.userId, "input.userId");
  return changeMembers(ctx, input, "team.removeMember", async (tx, { teamId, byLead, leadIds }) => {
    if (byLead && leadIds.includes(userId) && userId !== ctx.viewer.userId)
      throw new Forbidden("Removing another lead requires the permission team.update.");
    await assertMayTakeFromTeam(tx, ctx.viewer, [userId]);
    if (!(await deleteTeamMembers(tx, { teamId, userIds: [userId] }))) throw unknownUser(input.userId);
    await excludeFormerMembers(tx, { teamId, userIds: [userId] });
  });
}

export interface MemberChanges {
  /** UUIDs of employees of the tenant who are not members. */
  readonly added: readonly string[];
  /** UUIDs of members. */
  readonly removed: readonly string[];
  /** Whose rights limit the change. */
  readonly holder: Viewer;
}

/**
 * Adds and removes several members of a team, in the same number of statements however many they are. The caller has called `lockRights` and `assertCurrentRights`, has locked the team, and announces the changed
 * rights after the commit.
 * @throws Forbidden
 */
export async function changeMembersOfOpenTeam(
  ctx: Context,
  tx: Tx,
  before: TeamRow,
  { added, removed, holder }: MemberChanges,
): Promise<TeamRow> {
  const { id: teamId, tenantId } = before;
  const userIds = [...added, ...removed];
  const membersBefore = await findMemberIds(tx, { teamId, userIds });
  if (added.length > 0) assertMayFillTeams(holder, [teamId]);
  await assertMayJoin(tx, holder, { userIds: added, teamId });
  await assertMayTakeFromTeam(tx, holder, removed);
  await assertReachStays(tx, holder, { userIds, teamId }, async () => {
    await putTeamMembers(
      tx,
      added.map((userId) => ({ tenantId, teamId, userId, isLead: false })),
    );
    await deleteTeamMembers(tx, { teamId, userIds: removed });
    await excludeFormerMembers(tx, { teamId, userIds: removed });
  });
  const after = await touchTeam(tx, teamId);
  await raiseRightsVersion(tx, userIds);
  const action = removed.length === 0 ? "team.addMember" : added.length === 0 ? "team.removeMember" : "team.changeMembers";
  // Only those of the members whom the change is about: a team can have thousands.
  const images = {
    before: { ...before, memberIds: membersBefore },
    after: { ...after, memberIds: await findMemberIds(tx, { teamId, userIds }) },
  };
  await writeAudit(tx, ctx.meta, [{ action, entityType: "team", entityId: teamId, ...images }]);
  await appendEvents(
    tx,
    ctx.meta,
    userIds.flatMap((userId) => memberEvents(after, userId)),
  );
  return after;
}

const memberEvents = ({ id, version }: TeamRow, userId: string) => [
  {
    type: "team.updated" as const,
    subjectId: id,
    subjectVersion: version,
    related: { user: userId },
    payload: { changed: ["members"] },
  },
  { type: "rights.changed" as const, subjectId: userId, subjectVersion: version, payload: { userId } },
];

interface OpenTeam {
  readonly teamId: string;
  /** Whether the viewer acts as a lead of the team, without the permission. */
  readonly byLead: boolean;
  readonly leadIds: readonly string[];
}

async function changeMembers(
  ctx: Context,
  input: { teamId: string; userId: string },
  action: string,
  change: (tx: Tx, team: OpenTeam) => Promise<void>,
): Promise<TeamRow> {
  const teamId = decodeId("team", input.teamId, "input.teamId");
  const userId = decodeId("user", input.userId, "input.userId");
  const { viewer } = ctx;
  const { tenantId } = viewer;
  const byLead = !reachesTeam(viewer, teamId);
  const row = await ctx.inTenant(async (tx) => {
    await lockRights(tx, tenantId);
    await assertCurrentRights(tx, viewer);
    const before = !byLead || leadsTeam(viewer, teamId) ? await lockTeam(tx, teamId) : null;
    // Leads are read under the team's lock, because the viewer may just have been removed as a lead.
    const leadIds = before ? await findLeadIds(tx, teamId) : [];
    if (!before || (byLead && !leadIds.includes(viewer.userId))) throw new NotFound("Team", input.teamId);
    if (byLead && !(await seesUser(tx, viewer, userId))) throw unknownUser(input.userId);
    const userIds = [userId];
    const membersBefore = await findMemberIds(tx, { teamId, userIds });
    await assertReachStays(tx, viewer, { userIds: [userId], teamId }, () => change(tx, { teamId, byLead, leadIds }));
    const after = await touchTeam(tx, teamId);
    await raiseRightsVersion(tx, [userId]);
    await writeAudit(tx, ctx.meta, [
      {
        action,
        entityType: "team",
        entityId: teamId,
        // Of the members, only this user: a team can have thousands.
        before: { ...before, memberIds: membersBefore },
        after: { ...after, memberIds: await findMemberIds(tx, { teamId, userIds }) },
      },
    ]);
    await appendEvents(tx, ctx.meta, memberEvents(after, userId));
    return after;
  });
  await announceRevocations(ctx.services, [{ tenantId, userId }]);
  return row;
}

function unknownUser(userId: string): BadUserInput {
  return new BadUserInput([{ path: "input.userId", message: `No user with the ID ${quote(userId)} exists.` }]);
}
