import { randomBytes } from "node:crypto";
import { identity } from "@weft/drizzle";
import { BadUserInput, Forbidden, type Problem, quote } from "@weft/shared/errors";
import { encodeId, parseAnyId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import { mapDatabaseError, type Tx } from "@weft/platform/db";
import { assertCurrentRights, lockRights } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import { eq, sql } from "drizzle-orm";
import { slugOf } from "../../provisioning/slug.js";
import { announceRevocations } from "../../revocations.js";
import { deleteOpenTeam } from "../../teams/delete-team.service.js";
import { changeMembersOfOpenTeam } from "../../teams/membership.service.js";
import { changeOpenTeam, findTeamsByKeys, lockTeam, writeNewTeam } from "../../teams/team.service.js";
import type { TeamRow } from "../../teams/team.service.js";
import { nameProblems } from "../../users/user-problems.js";
import type { FilterColumns } from "../filter/filter-sql.js";
import { filterSql } from "../filter/filter-sql.js";
import { parseFilter } from "../filter/parse-filter.js";
import { holderOf } from "../holder.js";
import { listBody, pagingOf } from "../protocol/paging.js";
import { applyPatch, valuesNamedByPatch } from "../protocol/patch.js";
import { assertMatches, etagOf } from "../protocol/preconditions.js";
import { isSelected, project, projectionOf } from "../protocol/project.js";
import type { Projection, Selection } from "../protocol/project.js";
import { readResource } from "../protocol/read-resource.js";
import type { Resource } from "../protocol/read-resource.js";
import { groupSchema } from "../protocol/schemas.js";
import { notFound, ScimRefusal } from "../protocol/scim-refusal.js";
import { baseUrlOf } from "../request.js";
import type { ScimRead, ScimResult, ScimWrite } from "../request.js";
import {
  countExistingTeams,
  findProvisionableIds,
  findProvisionableMembers,
  findRemovableMemberIds,
  findTeamIdByName,
  hasMember,
  selectExistingTeams,
} from "../scim.store.js";
import type { ProvisionableMember } from "../scim.store.js";
import { groupContent, groupResource } from "./group-resource.js";

const { teams } = identity;

/** Members in an answer, and those of a team that a request compares. */
const maxMembers = 20_000;
/**
 * Members whom a request removes. Their rights change in one transaction, in which nobody else changes rights or logs in with single sign-on: a second or
 * two. A request that takes longer than its time limit would fail again whenever the client repeats it.
 */
const maxRemoved = 5_000;

const uuidOf =
  (type: "team" | "user") =>
  (text: string): string | null => {
    const parsed = parseAnyId(text);
    return parsed?.type === type ? parsed.uuid : null;
  };
const teamUuidOf = uuidOf("team");

const ofMember = { kind: "rows", has: hasMember, uuidOf: uuidOf("user") } as const;
const columns: FilterColumns = {
  schema: groupSchema.id.toLowerCase(),
  columns: {
    id: { kind: "id", column: sql`${teams.id}`, uuidOf: teamUuidOf },
    externalid: { kind: "exact", column: sql`${teams.externalId}` },
    displayname: { kind: "text", column: sql`${teams.name}` },
    // Some clients ask whether a group has a member without naming the sub-attribute.
    members: ofMember,
    "members.value": ofMember,
    "meta.created": { kind: "time", column: sql`${teams.createdAt}` },
    "meta.lastmodified": { kind: "time", column: sql`${teams.updatedAt}` },
  },
};

/** Returns a page of the teams, which is shorter if they have many members. Three statements, however many there are. @throws ScimRefusal */
export function listScimGroups(ctx: Context, read: ScimRead): Promise<ScimResult> {
  const { startIndex, count } = pagingOf(read);
  const where = read.filter ? filterSql(parseFilter(read.filter), columns) : undefined;
  return ctx.read(async (tx) => {
    const total = await countExistingTeams(tx, where);
    const rows = count === 0 ? [] : await selectExistingTeams(tx, where, { offset: startIndex - 1, limit: count });
    const projection = projectionOf(read);
    const members = await membersOf(tx, rows, projection);
    const shown = members === undefined ? rows : rows.filter(({ id }) => members.isComplete(id));
    const resources = shown.map((row) => project(groupResource(row, members?.of(row.id), baseUrlOf(ctx)), projection));
    return { status: 200, body: listBody(resources, { startIndex, total }) };
  });
}

/** @throws ScimRefusal (404) */
export function readScimGroup(ctx: Context, read: ScimRead): Promise<ScimResult> {
  const uuid = teamUuidOf(read.id);
  return ctx.read(async (tx) => {
    const [row] = uuid === null ? [] : await selectExistingTeams(tx, eq(teams.id, uuid), { offset: 0, limit: 1 });
    if (!row) throw notFound(`Groups/${read.id}`);
    return answer(ctx, tx, row, { status: 200, selection: read });
  });
}

/** @throws ScimRefusal, BadUserInput, Forbidden */
export async function createScimGroup(ctx: Context, write: ScimWrite): Promise<ScimResult> {
  assertMayChangeTeams(ctx.viewer);
  const wanted = wantedGroup(readResource(groupSchema, write.body));
  const holder = await holderOf(ctx);
  const create = () =>
    ctx.inTenant(async (tx) => {
      await lockRights(tx, ctx.viewer.tenantId);
      await assertCurrentRights(tx, ctx.viewer);
      await assertNameFree(tx, wanted.name, null);
      const { name, externalId } = wanted;
      const key = await freeKey(tx, name);
      const created = await writeNewTeam(tx, ctx.meta, { key, name, externalId, description: "" }).catch((error: unknown) => {
        throw teamErrors(error, wanted);
      });
      const changed = await changeMembers(ctx, tx, created, { wanted, holder });
      return { result: await answer(ctx, tx, changed.after, { status: 201, selection: write }), userIds: changed.userIds };
    });
  // createTeam does not wait for this transaction, so it can take the key in the meantime. The second attempt finds it.
  const { result, userIds } = await create().catch((error: unknown) => {
    if (error instanceof KeyTaken) return create();
    throw error;
  });
  await announce(ctx, userIds);
  return result;
}

/** Another team has got the same key in the meantime. */
class KeyTaken extends Error {}

/** @throws ScimRefusal, BadUserInput, Forbidden */
export function replaceScimGroup(ctx: Context, write: ScimWrite): Promise<ScimResult> {
  const resource = readResource(groupSchema, write.body);
  return changeScimGroup(ctx, write, { status: 200, named: null, edit: () => resource });
}

/**
 * Answers without a body, because a team can have many members, unless the client asks for attributes. Members whom the request does not name are not read.
 * @throws ScimRefusal, BadUserInput, Forbidden
 */
export function patchScimGroup(ctx: Context, write: ScimWrite): Promise<ScimResult> {
  return changeScimGroup(ctx, write, {
    status: write.attributes ? 200 : 204,
    named: valuesNamedByPatch(groupSchema, "members", write.body),
    edit: (row, members) => applyPatch(groupSchema, groupContent(row, members), write.body),
  });
}

/** Removes the members and deletes the team. @throws ScimRefusal (404, 412, tooMany), Forbidden, Conflict if work or definitions still refer to it */
export async function deleteScimGroup(ctx: Context, write: ScimWrite): Promise<ScimResult> {
  assertMayChangeTeams(ctx.viewer);
  const holder = await holderOf(ctx);
  const userIds = await ctx.inTenant(async (tx) => {
    const before = await openGroup(ctx, tx, write);
    const removed = await findRemovableMemberIds(tx, before.id, maxRemoved + 1);
    assertFewRemoved(removed);
    const after = removed.length === 0 ? before : await changeMembersOfOpenTeam(ctx, tx, before, { added: [], removed, holder });
    await deleteOpenTeam(ctx, tx, after);
    return removed;
  });
  await announce(ctx, userIds);
  return { status: 204, body: null };
}

interface Edit {
  readonly status: 200 | 204;
  /** IDs of the only members whom the change is about, as the client sent them. Null: all. */
  readonly named: readonly string[] | null;
  readonly edit: (row: TeamRow, members: readonly ProvisionableMember[]) => Resource;
}

async function changeScimGroup(ctx: Context, write: ScimWrite, { status, named, edit }: Edit): Promise<ScimResult> {
  assertMayChangeTeams(ctx.viewer);
  const holder = await holderOf(ctx);
  const { result, userIds } = await ctx.inTenant(async (tx) => {
    const before = await openGroup(ctx, tx, write);
    const userIds = named?.flatMap((value) => uuidOf("user")(value.toLowerCase()) ?? []);
    const members = assertFew(await findProvisionableMembers(tx, [before.id], { max: maxMembers + 1, ...(userIds && { userIds }) }));
    const wanted = wantedGroup(edit(before, members));
    const renamed = await changeNames(ctx, tx, before, wanted);
    const { after, userIds: changedIds } = await changeMembers(ctx, tx, renamed, { wanted, holder, members });
    const body =
      status === 200 ? await answer(ctx, tx, after, { status, selection: write }) : { status, body: null, etag: etagOf(after.version) };
    return { result: body, userIds: changedIds };
  });
  await announce(ctx, userIds);
  return result;
}

async function changeNames(ctx: Context, tx: Tx, before: TeamRow, { name, externalId }: WantedGroup): Promise<TeamRow> {
  const changes = {
    ...(name !== before.name && { name }),
    ...(externalId !== before.externalId && { externalId }),
  };
  if (Object.keys(changes).length === 0) return before;
  if (name.toLowerCase() !== before.name.toLowerCase()) await assertNameFree(tx, name, before.id);
  return changeOpenTeam(ctx, tx, before, changes).catch((error: unknown) => {
    throw teamErrors(error, { name, externalId });
  });
}

/** Teams are changed with the permission for it, also by keys for SCIM, because tasks are offered to teams. */
function assertMayChangeTeams(viewer: Viewer): void {
  if (!reachesAll(viewer, "team.update")) throw new Forbidden("You do not have the permission team.update in scope TENANT.");
}

/** Returns the locked team. @throws ScimRefusal (404, 412) */
async function openGroup(ctx: Context, tx: Tx, { id, ifMatch }: ScimWrite): Promise<TeamRow> {
  const uuid = teamUuidOf(id);
  await lockRights(tx, ctx.viewer.tenantId);
  await assertCurrentRights(tx, ctx.viewer);
  const row = uuid === null ? null : await lockTeam(tx, uuid);
  if (!row) throw notFound(`Groups/${id}`);
  assertMatches(ifMatch, row.version);
  return row;
}

interface WantedGroup {
  readonly name: string;
  readonly externalId: string | null;
}

interface WantedMembers {
  /** UUIDs with the IDs as the client sent them. */
  readonly members: ReadonlyMap<string, string>;
}

/** @throws BadUserInput */
function wantedGroup(resource: Resource): WantedGroup & WantedMembers {
  const { displayName, externalId } = resource as Readonly<Record<string, string | undefined>>;
  const problems: Problem[] = [...nameProblems(displayName ?? "", "displayName"), ...textProblems("externalId", externalId, { max: 200 })];
  const members = new Map<string, string>();
  for (const [index, member] of ((resource["members"] ?? []) as readonly Readonly<Record<string, unknown>>[]).entries()) {
    const value = typeof member["value"] === "string" ? member["value"] : "";
    const uuid = uuidOf("user")(value);
    if (uuid === null) problems.push({ path: `members[${index}].value`, message: `No user with the ID ${quote(value)} exists.` });
    else members.set(uuid, value);
  }
  if (problems.length > 0) throw new BadUserInput(problems);
  return { name: displayName ?? "", externalId: externalId ?? null, members };
}

interface MembersToChange {
  readonly wanted: WantedMembers;
  readonly holder: Viewer;
  /** Current members, as far as the change is about them. */
  readonly members?: readonly ProvisionableMember[];
}

/** Members whom SCIM does not see stay members. @throws ScimRefusal (tooMany), BadUserInput, Forbidden */
async function changeMembers(
  ctx: Context,
  tx: Tx,
  team: TeamRow,
  { wanted, holder, members = [] }: MembersToChange,
): Promise<{ readonly after: TeamRow; readonly userIds: readonly string[] }> {
  const current = new Set(members.map(({ userId }) => userId));
  const added = [...wanted.members.keys()].filter((id) => !current.has(id));
  const removed = [...current].filter((id) => !wanted.members.has(id));
  assertFewRemoved(removed);
  const known = await findProvisionableIds(tx, added);
  const problems = added
    .filter((id) => !known.has(id))
    .map((id) => ({ path: "members", message: `No user with the ID ${quote(wanted.members.get(id) ?? "")} exists.` }));
  if (problems.length > 0) throw new BadUserInput(problems);
  const userIds = [...added, ...removed];
  if (userIds.length === 0) return { after: team, userIds };
  return { after: await changeMembersOfOpenTeam(ctx, tx, team, { added, removed, holder }), userIds };
}

/** @throws ScimRefusal (tooMany) */
function assertFew<Member>(members: readonly Member[]): readonly Member[] {
  if (members.length <= maxMembers) return members;
  throw new ScimRefusal(
    400,
    `The group has more than ${maxMembers} members. Read it with excludedAttributes=members, and change its members by name with PATCH.`,
    "tooMany",
  );
}

/** @throws ScimRefusal (tooMany) */
function assertFewRemoved(removed: readonly string[]): void {
  if (removed.length <= maxRemoved) return;
  throw new ScimRefusal(
    400,
    `The request removes more than ${maxRemoved} members of the group. Remove them by name with PATCH first, in several requests.`,
    "tooMany",
  );
}

interface MembersOfTeams {
  readonly of: (teamId: string) => readonly ProvisionableMember[] | undefined;
  /** Whether all members of the team are there. */
  readonly isComplete: (teamId: string) => boolean;
}

/**
 * Returns the members of teams, which are in the order of their IDs, or undefined if the client does not ask for them. If they have too many, the last
 * teams are not complete.
 * @throws ScimRefusal (tooMany) if even the first team has too many
 */
async function membersOf(tx: Tx, rows: readonly TeamRow[], projection: Projection): Promise<MembersOfTeams | undefined> {
  if (!isSelected(projection, "members")) return undefined;
  const ids = rows.map(({ id }) => id);
  const members = await findProvisionableMembers(tx, ids, { max: maxMembers + 1 });
  const lastId = members.length > maxMembers ? (members.at(-1)?.teamId ?? "") : null;
  const complete = new Set(lastId === null ? ids : ids.slice(0, ids.indexOf(lastId)));
  if (ids.length > 0 && complete.size === 0) assertFew(members);
  const byTeam = Map.groupBy(members, ({ teamId }) => teamId);
  return { of: (id) => byTeam.get(id), isComplete: (id) => complete.has(id) };
}

/** SCIM clients find groups by name, so the names of teams that they make are unique. */
async function assertNameFree(tx: Tx, name: string, exceptId: string | null): Promise<void> {
  if ((await findTeamIdByName(tx, { name, exceptId })) !== null)
    throw new ScimRefusal(409, `displayName: The team ${quote(name)} already exists.`, "uniqueness");
}

function teamErrors(error: unknown, { externalId }: WantedGroup): unknown {
  const refusal = () => new ScimRefusal(409, `externalId: The external ID ${quote(externalId ?? "")} is already taken.`, "uniqueness");
  return mapDatabaseError(error, { teams_external_id_key: refusal, teams_key_key: () => new KeyTaken() });
}

/** Returns a key that no team has. Keys cannot be changed, so it stays when the team is renamed. */
async function freeKey(tx: Tx, name: string): Promise<string> {
  const slug = slugOf(name);
  const base = /^[a-z]/.test(slug) ? slug : `team-${slug}`;
  const candidates = [base, ...Array.from({ length: 8 }, (_, index) => `${base}-${index + 2}`)];
  const taken = await findTeamsByKeys(tx, candidates);
  return candidates.find((key) => !taken.has(key)) ?? `${base}-${randomBytes(4).toString("hex")}`;
}

async function announce(ctx: Context, userIds: readonly string[]): Promise<void> {
  const { tenantId } = ctx.viewer;
  await announceRevocations(
    ctx.services,
    userIds.map((userId) => ({ tenantId, userId })),
  );
}

async function answer(
  ctx: Context,
  tx: Tx,
  row: TeamRow,
  { status, selection }: { readonly status: number; readonly selection: Selection },
): Promise<ScimResult> {
  const projection = projectionOf(selection);
  const members = await membersOf(tx, [row], projection);
  const resource = groupResource(row, members?.of(row.id), baseUrlOf(ctx));
  const location = `${baseUrlOf(ctx)}/Groups/${encodeId("team", row.id)}`;
  return { status, body: project(resource, projection), etag: etagOf(row.version), location };
}
