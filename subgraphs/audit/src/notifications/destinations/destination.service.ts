import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { asTenant } from "@weft/platform/db";
import { canSendTexts, wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import { areKeysValid } from "../web-push/encrypt.js";
import { type Address, sealAddress } from "./address.js";
import { tellOfDestination } from "./change.js";
import { assertTextsAllowed, requestCode } from "./confirm.service.js";
import { assertAddressAllowed, urlHash } from "./destination-url.js";
import {
  type DestinationRow,
  findByAddress,
  findDestination,
  lockDestinations,
  ofUser,
  removeDestination,
  selectDestinations,
  writeDestination,
} from "./destination.store.js";
import { lastDigits, phoneNumberHash, phoneNumberIn } from "./phone-number.js";
import { type AddNotificationDestinationInput, notificationDestinationColumns } from "./destination.type.js";

/** Each notification of a user is sent to all of their destinations. */
const MAX_DESTINATIONS = 20;
/** Texts cost money, and one user should not use up those of the organization. */
const MAX_PHONE_NUMBERS = 3;

/** What an input says about a destination. */
type Given = Pick<DestinationRow, "channel" | "format"> & { readonly address: Address; readonly path: string };

/** Returns the destinations of the viewer. */
export const readDestinations = (ctx: Context): Promise<DestinationRow[]> =>
  ctx.read((tx) => selectDestinations(tx, ofUser(ctx.viewer.userId)));

/**
 * Adds a destination of the viewer. One with the same address is replaced and activated, so that a browser can send its subscription at each start. A phone
 * number is active once its user has entered the code that is sent to it.
 * @throws BadUserInput, UrlForbidden, RateLimited
 */
export async function addDestination(ctx: Context, input: AddNotificationDestinationInput): Promise<DestinationRow> {
  const { tenantId, userId } = ctx.viewer;
  const { secrets, config, databases, keys } = ctx.services;
  notificationDestinationColumns.assertText(input);
  const name = input.name.trim();
  const { path, channel, format, address } = givenIn(input);
  if ("url" in address) await assertAddressAllowed(config.outbound, address.url, path);
  const smsPerDay = "phoneNumber" in address ? await smsLimitOf(ctx, address.phoneNumber) : null;
  const addressHash = "url" in address ? urlHash(address.url) : phoneNumberHash(keys, address.phoneNumber);
  const owner = ofUser(userId);
  const place = { tenantId, ...owner, channel, addressHash };
  // In a transaction of its own: users of a vendor can neither read the keys of the tenant nor count its text messages.
  const sealed = await asTenant(databases.app, { tenantId }, "write", async (tx) => {
    if (smsPerDay !== null) await assertTextsAllowed(tx, smsPerDay, { userId, addressHash });
    return sealAddress(tx, secrets, place, address);
  });
  const added = await ctx.inTenant(async (tx) => {
    await lockDestinations(tx, owner);
    const known = await selectDestinations(tx, owner);
    const id = (await findByAddress(tx, place)) ?? newId();
    const before = known.find((one) => one.id === id) ?? null;
    if (before === null) assertRoomFor(channel, known);
    const host = "url" in address ? new URL(address.url).host : lastDigits(address.phoneNumber);
    const status = channel === "SMS" && before?.status !== "ACTIVE" ? "UNCONFIRMED" : "ACTIVE";
    const after = await writeDestination(tx, { ...place, id, name, format, host, status, address: sealed });
    if (status === "UNCONFIRMED") await requestCode(tx, { ...after, userId });
    await tellOfDestination(tx, ctx.meta, { owner, verb: "add", before, after });
    return after;
  });
  if (added.status === "UNCONFIRMED") wakeMailSender(ctx.services);
  return added;
}

/** Removes a destination of the viewer. What waits for it is not sent. Repeating it changes nothing. @throws NotFound */
export async function removeOwnDestination(ctx: Context, input: IdInput): Promise<void> {
  const { userId } = ctx.viewer;
  const id = decodeId("notificationDestination", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const owner = ofUser(userId);
    await lockDestinations(tx, owner);
    const before = await findDestination(tx, id);
    if (before === null || before.userId !== userId) throw new NotFound("NotificationDestination", input.id);
    if (before.status === "REMOVED") return;
    await removeDestination(tx, id);
    await tellOfDestination(tx, ctx.meta, { owner, verb: "remove", before, after: null });
  });
}

function assertRoomFor(channel: string, known: readonly DestinationRow[]): void {
  const refuse = (message: string): never => {
    throw new BadUserInput([{ path: "input", message: `${message}, which is the maximum. Remove one first.` }]);
  };
  if (known.length >= MAX_DESTINATIONS) refuse(`You have ${known.length} destinations`);
  const numbers = known.filter((one) => one.channel === "SMS").length;
  if (channel === "SMS" && numbers >= MAX_PHONE_NUMBERS) refuse(`You have ${numbers} phone numbers`);
}

/**
 * Returns the number of text messages that the organization can send per day.
 * @throws BadUserInput if this installation sends none, or none to the number
 */
async function smsLimitOf({ services, viewer }: Context, phoneNumber: string): Promise<number> {
  if (!canSendTexts(services.config)) throw new BadUserInput([{ path: "input.sms", message: "This installation sends no text messages." }]);
  const prefixes = services.config.sms?.prefixes ?? [];
  if (prefixes.length > 0 && !prefixes.some((prefix) => phoneNumber.startsWith(prefix))) {
    const message = `This installation sends text messages only to numbers that begin with ${prefixes.join(", ")}.`;
    throw new BadUserInput([{ path: "input.sms.phoneNumber", message }]);
  }
  return (await effectiveConfigOf(services, viewer.tenantId)).notifications.smsPerDay;
}

function givenIn({ chat, webPush, sms }: AddNotificationDestinationInput): Given {
  const given: Given[] = [
    ...(chat ? [{ channel: "CHAT", format: chat.format, address: { url: chat.url }, path: "input.chat.url" }] : []),
    ...(webPush ? [browserIn(webPush)] : []),
    ...(sms
      ? [{ channel: "SMS", format: null, address: { phoneNumber: phoneNumberIn(sms.phoneNumber) }, path: "input.sms.phoneNumber" }]
      : []),
  ];
  const [one, other] = given;
  if (one === undefined || other !== undefined) throw new BadUserInput([{ path: "input", message: "Pass one of chat, webPush and sms." }]);
  return one;
}

function browserIn({ endpoint, p256dh, auth }: NonNullable<AddNotificationDestinationInput["webPush"]>): Given {
  const keys = { p256dh, auth };
  if (!areKeysValid(keys))
    throw new BadUserInput([
      { path: "input.webPush", message: "The keys are not those of a subscription: p256dh has 65 bytes and auth has 16, both base64url." },
    ]);
  return { channel: "WEB_PUSH", format: null, address: { url: endpoint, keys }, path: "input.webPush.endpoint" };
}
