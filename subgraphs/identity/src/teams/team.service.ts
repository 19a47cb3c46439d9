import { BadUserInput, Conflict, NotFound, type Problem, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { reachesTeam } from "@weft/platform/access";
import { writeAudit } from "@weft/platform/audit";
import { mapDatabaseError, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { descriptionProblems, keyProblems, nameProblems, namingChanges } from "../users/user-problems.js";
import { findTeamsByIds, findTeamsByKeys, insertTeam, keepTeams, lockTeam, touchTeam } from "./team.store.js";
import type { TeamRow } from "./team.store.js";
import type { CreateTeamInput, UpdateTeamInput } from "./team.type.js";

interface NamedTeams {
  readonly teamIds?: readonly string[] | null;
  readonly teamKeys?: readonly string[] | null;
}

/**
 * Returns the teams that an input names, for a user who is about to be added to them. Locks them against deletion.
 * @throws BadUserInput
 */
export async function keepTeamsOfInput(tx: Tx, named: NamedTeams): Promise<string[]> {
  const ids = await findTeamIdsOfInput(tx, named);
  const kept = await keepTeams(tx, ids);
  // Looked up again, so that a team deleted in the meantime is reported like an unknown one.
  return ids.every((id) => kept.has(id)) ? ids : findTeamIdsOfInput(tx, named);
}

/**
 * Returns the distinct teams that an input names by ID or key.
 * @throws BadUserInput with the path of every unknown team
 */
export async function findTeamIdsOfInput(tx: Tx, { teamIds, teamKeys }: NamedTeams): Promise<string[]> {
  const ids = (teamIds ?? []).map((id, i) => decodeId("team", id, `input.teamIds.${i}`));
  const byId = await findTeamsByIds(tx, ids);
  const byKey = await findTeamsByKeys(tx, teamKeys ?? []);
  const problems: Problem[] = [
    ...ids.flatMap((id, i) =>
      byId.has(id) ? [] : [{ path: `input.teamIds.${i}`, message: `No team with the ID ${encodeId("team", id)} exists.` }],
    ),
    ...(teamKeys ?? []).flatMap((key, i) =>
      byKey.has(key) ? [] : [{ path: `input.teamKeys.${i}`, message: `The team ${quote(key)} does not exist.` }],
    ),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return [...new Set([...ids, ...[...byKey.values()].map((team) => team.id)])];
}

/** @throws BadUserInput, Conflict (idempotency key used with different input) */
export async function createTeam(ctx: Context, input: CreateTeamInput): Promise<TeamRow> {
  const { idempotencyKey, ...rest } = input;
  const problems = [...keyProblems(input.key), ...nameProblems(input.name), ...descriptionProblems(input.description)];
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "createTeam", key: idempotencyKey, input: { ...rest } }, async () => {
      const row = await writeNewTeam(tx, ctx.meta, { key: input.key, name: input.name.trim(), description: input.description }).catch(
        (error: unknown) => {
          throw mapDatabaseError(error, {
            teams_key_key: () => new BadUserInput([{ path: "input.key", message: `The team ${quote(input.key)} already exists.` }]),
          });
        },
      );
      return { teamId: row.id };
    });
    const id = result["teamId"] ?? "";
    const row = (await findTeamsByIds(tx, [id])).get(id);
    if (!row) throw new Error(`The team ${id} was written but cannot be read.`);
    return row;
  });
}

/** Inserts a team whose input has been validated, with its audit entry and event. */
export async function writeNewTeam(
  tx: Tx,
  meta: WriteMeta,
  { key, name, description, externalId = null }: { key: string; name: string; description: string; externalId?: string | null },
): Promise<TeamRow> {
  const row = await insertTeam(tx, { tenantId: meta.tenantId, id: newId(), key, name, description, externalId });
  await writeAudit(tx, meta, [{ action: "team.create", entityType: "team", entityId: row.id, before: null, after: row }]);
  await appendEvents(tx, meta, [{ type: "team.created", subjectId: row.id, subjectVersion: row.version, payload: { key } }]);
  return row;
}

/**
 * Updates the name and the description. The key cannot be changed, because definitions refer to teams by key.
 * @throws NotFound, BadUserInput, Conflict
 */
export async function updateTeam(ctx: Context, input: UpdateTeamInput): Promise<TeamRow> {
  const id = decodeId("team", input.id, "input.id");
  const changes = namingChanges(input);
  return ctx.inTenant(async (tx) => {
    const before = reachesTeam(ctx.viewer, id) ? await lockTeam(tx, id) : null;
    if (!before) throw new NotFound("Team", input.id);
    if (typeof input.expectedVersion === "number" && input.expectedVersion !== before.version) {
      throw new Conflict(`The team has version ${before.version}, not ${input.expectedVersion}.`, { currentVersion: before.version });
    }
    return changeOpenTeam(ctx, tx, before, changes);
  });
}

/** Changes a team that the caller has locked. */
export async function changeOpenTeam(
  ctx: Context,
  tx: Tx,
  before: TeamRow,
  changes: Partial<Pick<TeamRow, "name" | "description" | "externalId">>,
): Promise<TeamRow> {
  const { id } = before;
  const after = await touchTeam(tx, id, changes);
  const changed = (["name", "description", "externalId"] as const).filter((column) => before[column] !== after[column]);
  await writeAudit(tx, ctx.meta, [{ action: "team.update", entityType: "team", entityId: id, before, after }]);
  await appendEvents(tx, ctx.meta, [{ type: "team.updated", subjectId: id, subjectVersion: after.version, payload: { changed } }]);
  return after;
}

export { findTeamsByKeys, lockTeam } from "./team.store.js";
export type { TeamRow } from "./team.store.js";
