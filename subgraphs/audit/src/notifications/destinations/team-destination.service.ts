/** Chats of teams. Rules of notifications send to them; preferences and quiet hours of people do not apply. */
import { BadUserInput, Forbidden, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import { reachesTeam } from "@weft/platform/access";
import { writeAudit } from "@weft/platform/audit";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import { outboundClient } from "@weft/platform/outbound";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import { attempt, chatRequest } from "../deliveries/attempt-request.js";
import { renderTest } from "../deliveries/render.js";
import { findTeamAddressee } from "../deliveries/send.store.js";
import { openAddress, sealAddress } from "./address.js";
import { imageOf, recordDisabled, tellOfDestination } from "./change.js";
import { assertAddressAllowed, urlHash } from "./destination-url.js";
import {
  changeDestination,
  type DestinationRow,
  findByAddress,
  findTeamDestinations,
  keepTeam,
  lockDestinations,
  ofTeam,
  readdressDestination,
  removeDestination,
  selectDestinations,
  writeDestination,
} from "./destination.store.js";
import {
  type AddTeamNotificationDestinationInput,
  type UpdateTeamNotificationDestinationInput,
  teamNotificationDestinationColumns,
} from "./team-destination.type.js";

/** A rule can send to all chats of a team. */
const MAX_CHATS = 20;

type TeamRow = DestinationRow & { readonly teamId: string };

/** Returns whether the viewer manages the chats of a team: with `team.update` for the team, or with `notification.manage`. */
const manages = (viewer: Viewer, teamId: string): boolean => reachesTeam(viewer, teamId) || reachesAll(viewer, "notification.manage");

/**
 * Rules show values of events in the chats of a team. Members who can update the team decide where it reads them; other users must be able to read the
 * events themselves. @throws Forbidden
 */
function assertMayAddress(viewer: Viewer, teamId: string): void {
  if (reachesTeam(viewer, teamId) || reachesAll(viewer, "event.read")) return;
  throw new Forbidden("To choose where rules send to, you need the permission team.update for the team, or event.read in scope TENANT.");
}

/** Returns the chats of a team, oldest first. @throws NotFound (the team) */
export async function readTeamDestinations(ctx: Context, id: string): Promise<DestinationRow[]> {
  const teamId = decodeId("team", id, "teamId");
  return ctx.read(async (tx) => {
    if (!manages(ctx.viewer, teamId) || (await findTeamAddressee(tx, teamId))?.isActive !== true) throw new NotFound("Team", id);
    return selectDestinations(tx, ofTeam(teamId));
  });
}

/** Adds a chat to a team. One with the same URL is replaced and activated. @throws NotFound (the team), Forbidden, BadUserInput, UrlForbidden */
export async function addTeamDestination(ctx: Context, input: AddTeamNotificationDestinationInput): Promise<DestinationRow> {
  const teamId = decodeId("team", input.teamId, "input.teamId");
  const { viewer, services } = ctx;
  const { url, format } = input.chat;
  if (!manages(viewer, teamId)) throw new NotFound("Team", input.teamId);
  assertMayAddress(viewer, teamId);
  teamNotificationDestinationColumns.assertText(input);
  await assertAddressAllowed(services.config.outbound, url, "input.chat.url");
  const owner = ofTeam(teamId);
  const place = { tenantId: viewer.tenantId, ...owner, channel: "CHAT", addressHash: urlHash(url) };
  return ctx.inTenant(async (tx) => {
    if (!(await keepTeam(tx, teamId))) throw new NotFound("Team", input.teamId);
    await lockDestinations(tx, owner);
    const known = await selectDestinations(tx, owner);
    const id = (await findByAddress(tx, place)) ?? newId();
    const before = known.find((one) => one.id === id) ?? null;
    if (before === null && known.length >= MAX_CHATS) {
      const message = `The team has ${known.length} chats, which is the maximum. Remove one first.`;
      throw new BadUserInput([{ path: "input", message }]);
    }
    const address = await sealAddress(tx, services.secrets, place, { url });
    const host = new URL(url).host;
    const after = await writeDestination(tx, { ...place, id, name: input.name.trim(), format, host, status: "ACTIVE", address });
    await tellOfDestination(tx, ctx.meta, { owner, verb: "add", before, after });
    return after;
  });
}

/** Changes a chat of a team. A new URL activates it. @throws NotFound, Forbidden, BadUserInput, UrlForbidden */
export async function updateTeamDestination(ctx: Context, input: UpdateTeamNotificationDestinationInput): Promise<DestinationRow> {
  const id = decodeId("notificationDestination", input.id, "input.id");
  const { name, format, url } = input;
  teamNotificationDestinationColumns.assertText(input);
  if (typeof url === "string") await assertAddressAllowed(ctx.services.config.outbound, url, "input.url");
  return ctx.inTenant(async (tx) => {
    const before = assertExists(await lockTeamDestination(tx, ctx, { id, shown: input.id }));
    const renamed = await changeDestination(tx, id, { name: name?.trim() ?? before.name, format: format ?? before.format });
    const after = typeof url === "string" ? await readdress(tx, ctx, before, url) : renamed;
    await tellOfDestination(tx, ctx.meta, { owner: ofTeam(before.teamId), verb: "update", before, after });
    return after;
  });
}

async function readdress(tx: Tx, { services, viewer }: Context, { id, teamId }: TeamRow, url: string): Promise<DestinationRow> {
  assertMayAddress(viewer, teamId);
  const place = { tenantId: viewer.tenantId, ...ofTeam(teamId), channel: "CHAT", addressHash: urlHash(url) };
  const known = await findByAddress(tx, place);
  if (known !== null && known !== id) {
    const message = "Another chat of the team has or had this URL. Add it with addTeamNotificationDestination, and remove this one.";
    throw new BadUserInput([{ path: "input.url", message }]);
  }
  const address = await sealAddress(tx, services.secrets, place, { url });
  return readdressDestination(tx, id, { address, addressHash: place.addressHash, host: new URL(url).host });
}

/** Removes a chat of a team. What waits for it is not sent. Repeating it changes nothing. @throws NotFound */
export async function removeTeamDestination(ctx: Context, input: IdInput): Promise<void> {
  const id = decodeId("notificationDestination", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const before = await lockTeamDestination(tx, ctx, { id, shown: input.id });
    if (before.status === "REMOVED") return;
    await removeDestination(tx, id);
    await tellOfDestination(tx, ctx.meta, { owner: ofTeam(before.teamId), verb: "remove", before, after: null });
  });
}

/** What a chat has answered to a test message. */
export interface TestResult {
  readonly destination: DestinationRow;
  /** Null if it has accepted the message. */
  readonly error: string | null;
}

/** Sends a test message to a chat of a team now. One that no longer exists is disabled. No transaction is open while it is sent. @throws NotFound */
export async function testTeamDestination(ctx: Context, input: IdInput): Promise<TestResult> {
  const { services, viewer } = ctx;
  const { outbound, mail } = services.config;
  const id = decodeId("notificationDestination", input.id, "input.id");
  const { locale } = await effectiveConfigOf(services, viewer.tenantId);
  const { before, url, organization } = await ctx.inTenant(async (tx) => {
    const found = assertExists(await managedDestination(tx, ctx, { id, shown: input.id }));
    const address = await openAddress(tx, services.secrets, found);
    const addressee = await findTeamAddressee(tx, found.teamId);
    if (!("url" in address) || addressee === null) throw new Error(`The destination ${id} has no URL, or no team.`);
    return { before: found, url: address.url, organization: addressee.organization };
  });
  const message = { ...renderTest({ organization, locale }), url: mail.publicUrl };
  const client = outboundClient(outbound);
  const { error, isGone } = await attempt(client, chatRequest({ url, format: before.format }, message)).finally(() => client.close());
  const said = error?.message.slice(0, 500) ?? null;
  return ctx.inTenant(async (tx) => {
    if (isGone && said !== null) await recordDisabled(tx, ctx.meta, { destination: before, reason: said });
    const after = assertExists(await managedDestination(tx, ctx, { id, shown: input.id }));
    await writeAudit(tx, ctx.meta, [
      {
        action: "team.testNotificationDestination",
        entityType: "team",
        entityId: before.teamId,
        before: imageOf(after),
        after: { ...imageOf(after), isTestAccepted: said === null },
      },
    ]);
    return { destination: after, error: said };
  });
}

interface Wanted {
  /** UUID */
  readonly id: string;
  /** The ID as it was given. */
  readonly shown: string;
}

/** Returns a chat of a team, even if it was removed. @throws NotFound if the viewer does not manage the chats of the team */
async function managedDestination(tx: Tx, { viewer }: Context, { id, shown }: Wanted): Promise<TeamRow> {
  const [row] = await findTeamDestinations(tx, [id]);
  if (!row?.teamId || !manages(viewer, row.teamId)) throw new NotFound("TeamNotificationDestination", shown);
  return { ...row, teamId: row.teamId };
}

/** Locks the chats of a team until commit, and returns one of them, even if it was removed. @throws NotFound as `managedDestination` */
async function lockTeamDestination(tx: Tx, ctx: Context, wanted: Wanted): Promise<TeamRow> {
  const { teamId } = await managedDestination(tx, ctx, wanted);
  await lockDestinations(tx, ofTeam(teamId));
  return managedDestination(tx, ctx, wanted);
}

/** @throws NotFound if it was removed */
function assertExists(row: TeamRow): TeamRow {
  if (row.status === "REMOVED") throw new NotFound("TeamNotificationDestination", encodeId("notificationDestination", row.id));
  return row;
}
