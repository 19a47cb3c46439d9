import { BadUserInput } from "@weft/shared/errors";
import { decodeId, idPrefixes, newId, parseAnyId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { assertText } from "@weft/api/inputs";
import { incrementBuilding } from "../buildings/building.service.js";
import { type Building, toBuilding } from "../buildings/building.type.js";
import type { RemoveBuildingContactInput, SetBuildingContactInput } from "./building-contact.input.js";
import { type ContactRow, deleteContact, findContacts, insertContact, isKnown, updateContactRole } from "./building-contact.store.js";

const maxContacts = 20;

type Principal = Pick<ContactRow, "userId" | "teamId">;

/**
 * Puts a user or a team in charge of a building, or changes what they are in charge of.
 * @throws NotFound, Conflict (another version), BadUserInput (unknown user or team, too many contacts)
 */
export async function setBuildingContact(ctx: Context, input: SetBuildingContactInput): Promise<Building> {
  assertText(input, { role: { max: 100 } });
  const { role, principalId, buildingId, expectedVersion = null } = input;
  const principal = principalOf(principalId);
  return changeContacts(ctx, { buildingId, expectedVersion, action: "building.set_contact" }, async (tx, id, contacts) => {
    const contact = contacts.find(isOf(principal));
    if (contact !== undefined) return updateContactRole(tx, contact.id, role);
    if (contacts.length >= maxContacts) throw refused(`A building can have at most ${maxContacts} contacts. Remove one first.`);
    if (!(await isKnown(tx, principal)))
      throw refused(`No ${principal.userId === null ? "team" : "user"} with the ID ${principalId} exists.`);
    await insertContact(tx, { tenantId: ctx.viewer.tenantId, id: newId(), buildingId: id, ...principal, role });
  });
}

/** @throws NotFound, Conflict (another version), BadUserInput (a user or a team that is not a contact) */
export async function removeBuildingContact(ctx: Context, input: RemoveBuildingContactInput): Promise<Building> {
  const { principalId, buildingId, expectedVersion = null } = input;
  const principal = principalOf(principalId);
  return changeContacts(ctx, { buildingId, expectedVersion, action: "building.remove_contact" }, async (tx, _id, contacts) => {
    const contact = contacts.find(isOf(principal));
    if (contact === undefined) throw refused(`${principalId} is not a contact of the building.`);
    await deleteContact(tx, contact.id);
  });
}

/** Audit entries that are hidden from users of a vendor, by the policy of `audit.entries`. */
type ContactAction = "building.set_contact" | "building.remove_contact";

interface ContactChange {
  readonly action: ContactAction;
  readonly buildingId: string;
  readonly expectedVersion: number | null;
}

/** Runs a change of a building's contacts as a change of the building: its row stays locked, its version is incremented. */
async function changeContacts(
  ctx: Context,
  { action, buildingId, expectedVersion }: ContactChange,
  change: (tx: Tx, buildingId: string, contacts: readonly ContactRow[]) => Promise<void>,
): Promise<Building> {
  const id = decodeId("building", buildingId, "input.buildingId");
  return ctx.inTenant(async (tx) => {
    const { before, after } = await incrementBuilding(tx, ctx.viewer, { id, permission: "building.update", expectedVersion });
    const contacts = await findContacts(tx, [id]);
    await change(tx, id, contacts);
    const payload = { changed: ["contacts"] };
    await appendEvents(tx, ctx.meta, [{ type: "building.updated", subjectId: id, subjectVersion: after.version, payload }]);
    const images = {
      before: { ...before, contacts: contacts.map(imageOf) },
      after: { ...after, contacts: (await findContacts(tx, [id])).map(imageOf) },
    };
    await writeAudit(tx, ctx.meta, [{ action, entityType: "building", entityId: id, ...images }]);
    return toBuilding(after);
  });
}

const imageOf = ({ userId, teamId, role }: ContactRow): Principal & Pick<ContactRow, "role"> => ({ userId, teamId, role });

const isOf =
  ({ userId, teamId }: Principal) =>
  (contact: ContactRow): boolean =>
    contact.userId === userId && contact.teamId === teamId;

function principalOf(id: string): Principal {
  const parsed = parseAnyId(id);
  if (parsed?.type === "user") return { userId: parsed.uuid, teamId: null };
  if (parsed?.type === "team") return { userId: null, teamId: parsed.uuid };
  throw refused(`Expected an ID that starts with ${idPrefixes.user}_ or ${idPrefixes.team}_.`);
}

const refused = (message: string): BadUserInput => new BadUserInput([{ path: "input.principalId", message }]);
