import {
  appendEvents,
  BadUserInput,
  Conflict,
  decodeId,
  denialsOf,
  encodeId,
  mapDatabaseError,
  newId,
  NotFound,
  once,
  quote,
  reachesAll,
  scopesOf,
  writeAudit,
} from "@weft/shared";
import type { Context, Problem, Tx, Viewer, WriteMeta } from "@weft/shared";
import { announceRevocations } from "../revocations.js";
import { assertMayFillTeams, assertMayTakeFromTeam, raiseRightsVersion } from "../rights/rights.service.js";
import { descriptionProblems, keyProblems, nameProblems } from "../users/user-problems.js";
import type { AddTeamMemberInput, CreateTeamInput, RemoveTeamMemberInput, UpdateTeamInput } from "./team.input.js";
import {
  deleteTeamMember,
  findMemberIds,
  findTeamsByIds,
  findTeamsByKeys,
  insertTeam,
  lockTeam,
  putTeamMembers,
  touchTeam,
} from "./team.store.js";
import type { TeamRow } from "./team.store.js";

/** The teams that an input names by ids or keys, each once. @throws BadUserInput with the path of every unknown one */
export async function findTeamIdsOfInput(
  tx: Tx,
  { teamIds, teamKeys }: { teamIds?: readonly string[] | null; teamKeys?: readonly string[] | null },
): Promise<string[]> {
  const ids = (teamIds ?? []).map((id, i) => decodeId("team", id, `input.teamIds.${i}`));
  const byId = await findTeamsByIds(tx, ids);
  const byKey = await findTeamsByKeys(tx, teamKeys ?? []);
  const problems: Problem[] = [
    ...ids.flatMap((id, i) =>
      byId.has(id) ? [] : [{ path: `input.teamIds.${i}`, message: `There is no team with id ${encodeId("team", id)}.` }],
    ),
    ...(teamKeys ?? []).flatMap((key, i) =>
      byKey.has(key) ? [] : [{ path: `input.teamKeys.${i}`, message: `There is no team ${quote(key)}.` }],
    ),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return [...new Set([...ids, ...[...byKey.values()].map((team) => team.id)])];
}

/** @throws BadUserInput, Conflict (idempotency key with another input) */
export async function createTeam(ctx: Context, input: CreateTeamInput): Promise<TeamRow> {
  const { idempotencyKey, ...rest } = input;
  const problems = [...keyProblems(input.key), ...nameProblems(input.name), ...descriptionProblems(input.description)];
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "createTeam", key: idempotencyKey, input: { ...rest } }, async () => {
      const row = await writeNewTeam(tx, ctx.meta, { key: input.key, name: input.name.trim(), description: input.description }).catch(
        (error: unknown) => {
          throw mapDatabaseError(error, {
            teams_key_key: () => new BadUserInput([{ path: "input.key", message: `There is a team ${quote(input.key)} already.` }]),
          });
        },
      );
      return { teamId: row.id };
    });
    const id = result["teamId"] ?? "";
    const row = (await findTeamsByIds(tx, [id])).get(id);
    if (!row) throw new Error(`The team ${id} was written and is not there.`);
    return row;
  });
}

/** A team whose input has been checked, with its audit entry and event. */
export async function writeNewTeam(
  tx: Tx,
  meta: WriteMeta,
  { key, name, description }: { key: string; name: string; description: string },
): Promise<TeamRow> {
  const row = await insertTeam(tx, { tenantId: meta.tenantId, id: newId(), key, name, description });
  await writeAudit(tx, meta, [{ action: "team.create", entityType: "team", entityId: row.id, before: null, after: row }]);
  await appendEvents(tx, meta, [{ type: "team.created", subjectId: row.id, subjectVersion: row.version, payload: { key } }]);
  return row;
}

/** Changes the name and the description; the key stays, for definitions name teams by it. @throws NotFound, BadUserInput, Conflict */
export async function updateTeam(ctx: Context, input: UpdateTeamInput): Promise<TeamRow> {
  const id = decodeId("team", input.id, "input.id");
  const changes = {
    ...(typeof input.name === "string" && { name: input.name.trim() }),
    ...(typeof input.description === "string" && { description: input.description }),
  };
  const problems = [
    ...(changes.name === undefined ? [] : nameProblems(changes.name)),
    ...(changes.description === undefined ? [] : descriptionProblems(changes.description)),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const before = reachesTeam(ctx.viewer, id) ? await lockTeam(tx, id) : null;
    if (!before) throw new NotFound("Team", input.id);
    if (typeof input.expectedVersion === "number" && input.expectedVersion !== before.version) {
      throw new Conflict(`The team has version ${before.version}, not ${input.expectedVersion}.`, { currentVersion: before.version });
    }
    const after = await touchTeam(tx, id, changes);
    const changed = (["name", "description"] as const).filter((column) => before[column] !== after[column]);
    await writeAudit(tx, ctx.meta, [{ action: "team.update", entityType: "team", entityId: id, before, after }]);
    await appendEvents(tx, ctx.meta, [{ type: "team.updated", subjectId: id, subjectVersion: after.version, payload: { changed } }]);
    return after;
  });
}

/** Adds a member, or changes whether a member leads. @throws NotFound (team), BadUserInput (user), Forbidden */
export function addTeamMember(ctx: Context, input: AddTeamMemberInput): Promise<TeamRow> {
  const userId = decodeId("user", input.userId, "input.userId");
  assertMayFillTeams(ctx.viewer, [decodeId("team", input.teamId, "input.teamId")]);
  return changeMembers(ctx, input, "team.addMember", async (tx, teamId) => {
    const member = { tenantId: ctx.viewer.tenantId, teamId, userId, isLead: input.isLead };
    await putTeamMembers(tx, [member]).catch((error: unknown) => {
      throw mapDatabaseError(error, { team_members_user_fkey: () => unknownUser(input.userId) });
    });
  });
}

/** @throws NotFound (team), BadUserInput (a user who is not in the team), Forbidden */
export function removeTeamMember(ctx: Context, input: RemoveTeamMemberInput): Promise<TeamRow> {
  const userId = decodeId("user", input.userId, "input.userId");
  return changeMembers(ctx, input, "team.removeMember", async (tx, teamId) => {
    await assertMayTakeFromTeam(tx, ctx.viewer, userId);
    if (!(await deleteTeamMember(tx, { teamId, userId }))) throw unknownUser(input.userId);
  });
}

async function changeMembers(
  ctx: Context,
  input: { teamId: string; userId: string },
  action: string,
  change: (tx: Tx, teamId: string) => Promise<void>,
): Promise<TeamRow> {
  const teamId = decodeId("team", input.teamId, "input.teamId");
  const userId = decodeId("user", input.userId, "input.userId");
  const { tenantId } = ctx.viewer;
  const row = await ctx.inTenant(async (tx) => {
    const before = reachesTeam(ctx.viewer, teamId) ? await lockTeam(tx, teamId) : null;
    if (!before) throw new NotFound("Team", input.teamId);
    const membersBefore = await findMemberIds(tx, teamId);
    await change(tx, teamId);
    const after = await touchTeam(tx, teamId);
    await raiseRightsVersion(tx, [userId]);
    await writeAudit(tx, ctx.meta, [
      {
        action,
        entityType: "team",
        entityId: teamId,
        before: { ...before, memberIds: membersBefore },
        after: { ...after, memberIds: await findMemberIds(tx, teamId) },
      },
    ]);
    await appendEvents(tx, ctx.meta, [
      {
        type: "team.updated",
        subjectId: teamId,
        subjectVersion: after.version,
        related: { user: userId },
        payload: { changed: ["members"] },
      },
      { type: "rights.changed", subjectId: userId, subjectVersion: after.version, payload: { userId } },
    ]);
    return after;
  });
  await announceRevocations(ctx.services, [{ tenantId, userId }]);
  return row;
}

/** All teams in scope TENANT, else one's own: those are what a narrower denial takes away. */
function reachesTeam(viewer: Viewer, teamId: string): boolean {
  const isIn = viewer.teamIds.includes(teamId);
  return reachesAll(viewer, "team.update") || (denialsOf(viewer, "team.update").length > 0 ? !isIn && heldInTenant(viewer) : isIn);
}

const heldInTenant = (viewer: Viewer): boolean => scopesOf(viewer, "team.update").includes("TENANT");

function unknownUser(userId: string): BadUserInput {
  return new BadUserInput([{ path: "input.userId", message: `There is no user with id ${quote(userId)} here.` }]);
}
