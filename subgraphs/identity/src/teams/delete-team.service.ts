import { Conflict, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";

import { countTeamDependents, type TeamDependents } from "./delete-team.store.js";
import { lockTeam, markTeamDeleted } from "./team.store.js";
import type { TeamRow } from "./team.store.js";

const nouns: Readonly<Record<keyof TeamDependents, readonly [one: string, several: string]>> = {
  members: ["member", "members"],
  runningWorkflows: ["unfinished workflow", "unfinished workflows"],
  openTasks: ["unfinished task", "unfinished tasks"],
  routingRules: ["routing rule", "routing rules"],
  definitions: ["definition", "definitions"],
  chats: ["chat", "chats"],
};

/**
 * Deletes a team without dependents. Locks the team's row, so concurrent writes of work, users, routing rules or definitions that refer to the team
 * are either counted here or rejected there.
 * @returns its UUID
 * @throws NotFound, Conflict (another version, or dependents remain)
 */
export async function deleteTeam(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("team", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await lockTeam(tx, id);
    if (!before) throw new NotFound("Team", input.id);
    if (typeof input.expectedVersion === "number" && input.expectedVersion !== before.version) {
      throw new Conflict(`The team has version ${before.version}, not ${input.expectedVersion}.`, { currentVersion: before.version });
    }
    await deleteOpenTeam(ctx, tx, before);
    return id;
  });
}

/** Deletes a team that the caller has locked. @throws Conflict if dependents remain */
export async function deleteOpenTeam(ctx: Context, tx: Tx, before: TeamRow): Promise<void> {
  const { id, key } = before;
  const counts = await countTeamDependents(tx, { teamId: id, typeId: encodeId("team", id) });
  const kinds = (Object.keys(nouns) as (keyof TeamDependents)[]).filter((kind) => counts[kind] > 0);
  if (kinds.length > 0) {
    const what = kinds.map((kind) => `${counts[kind]} ${nouns[kind][counts[kind] === 1 ? 0 : 1]}`).join(", ");
    throw new Conflict(`The team ${quote(key)} cannot be deleted while it has ${what}. ${wayOut(counts)}`, {
      dependents: Object.fromEntries(kinds.map((kind) => [kind, counts[kind]])),
    });
  }
  const { version } = await markTeamDeleted(tx, id);
  await writeAudit(tx, ctx.meta, [{ action: "team.delete", entityType: "team", entityId: id, before, after: null }]);
  await appendEvents(tx, ctx.meta, [{ type: "team.deleted", subjectId: id, subjectVersion: version, payload: { key } }]);
}

/** Published definitions cannot be edited. They no longer count once they are retired and the last workflow that needs them has ended. */
function wayOut({ definitions }: TeamDependents): string {
  const retire =
    " A published definition no longer counts after it is retired and its workflows have finished or were migrated to another version.";
  return `Remove or reassign them first.${definitions > 0 ? retire : ""}`;
}
