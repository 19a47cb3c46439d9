import { createHash } from "node:crypto";
import {
  appendEvents,
  assertText,
  asTenant,
  assertUrlAllowed,
  BadUserInput,
  type Context,
  decodeId,
  newId,
  NotFound,
  type OutboundPolicy,
  type Tx,
  UrlForbidden,
  writeAudit,
  type WriteMeta,
} from "@weft/shared";
import { areKeysValid } from "../web-push/encrypt.js";
import { type Address, sealAddress } from "./address.js";
import type { AddNotificationDestinationInput, RemoveNotificationDestinationInput } from "./destination.input.js";
import {
  type DestinationRow,
  disableDestination,
  findByAddress,
  findDestination,
  lockDestinations,
  removeDestination,
  selectDestinations,
  writeDestination,
} from "./destination.store.js";

/** Each notification of a user is sent to all of their destinations. */
const MAX_DESTINATIONS = 20;
const MAX_NAME = 100;
const MAX_URL = 2000;

/** What an input says about a destination. */
type Given = Pick<DestinationRow, "channel" | "format"> & { readonly address: Address; readonly path: string };

/** Returns the destinations of the viewer. */
export const readDestinations = (ctx: Context): Promise<DestinationRow[]> => ctx.read((tx) => selectDestinations(tx, ctx.viewer.userId));

/**
 * Adds a destination of the viewer. One with the same address is replaced and activated, so that a browser can send its subscription at each start.
 * @throws BadUserInput, UrlForbidden
 */
export async function addDestination(ctx: Context, input: AddNotificationDestinationInput): Promise<DestinationRow> {
  const { tenantId, userId } = ctx.viewer;
  const { secrets, config, databases } = ctx.services;
  assertText(input, { name: { max: MAX_NAME } });
  const name = input.name.trim();
  const { path, channel, format, address } = givenIn(input);
  await assertAddressAllowed(config.outbound, address.url, path);
  const addressHash = createHash("sha256").update(address.url).digest("hex");
  const place = { tenantId, userId, channel, addressHash };
  // In a transaction of its own: users of a vendor cannot read the keys of the tenant.
  const sealed = await asTenant(databases.app, { tenantId }, "write", (tx) => sealAddress(tx, secrets, place, address));
  return ctx.inTenant(async (tx) => {
    await lockDestinations(tx, userId);
    const known = await selectDestinations(tx, userId);
    const id = (await findByAddress(tx, { userId, channel, addressHash })) ?? newId();
    const before = known.find((one) => one.id === id) ?? null;
    if (before === null && known.length >= MAX_DESTINATIONS)
      throw new BadUserInput([
        { path: "input", message: `You have ${known.length} destinations, which is the maximum. Remove one first.` },
      ]);
    const { host } = new URL(address.url);
    const after = await writeDestination(tx, { ...place, id, name, format, host, address: sealed });
    await tell(tx, ctx.meta, { userId, action: "user.addNotificationDestination", before, after });
    return after;
  });
}

/** Removes a destination of the viewer. What waits for it is not sent. Repeating it changes nothing. @throws NotFound */
export async function removeOwnDestination(ctx: Context, input: RemoveNotificationDestinationInput): Promise<void> {
  const { userId } = ctx.viewer;
  const id = decodeId("notificationDestination", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    await lockDestinations(tx, userId);
    const before = await findDestination(tx, id);
    if (before === null || before.userId !== userId) throw new NotFound("NotificationDestination", input.id);
    if (before.status === "REMOVED") return;
    await removeDestination(tx, id);
    await tell(tx, ctx.meta, { userId, action: "user.removeNotificationDestination", before, after: null });
  });
}

/** Disables a destination that no longer exists, as its receiver says. */
export async function recordDisabled(
  tx: Tx,
  meta: WriteMeta,
  { destination, reason }: { readonly destination: DestinationRow; readonly reason: string },
): Promise<void> {
  if (!(await disableDestination(tx, destination.id, reason))) return;
  const after = { ...destination, status: "DISABLED", reason };
  await tell(tx, meta, { userId: destination.userId, action: "user.disableNotificationDestination", before: destination, after });
}

interface Change {
  readonly userId: string;
  readonly action: string;
  readonly before: DestinationRow | null;
  readonly after: DestinationRow | null;
}

/** Records a change of the destinations of a user, without their addresses. */
async function tell(tx: Tx, meta: WriteMeta, { userId, action, before, after }: Change): Promise<void> {
  await appendEvents(tx, meta, [{ type: "notification.destinations_changed", subjectId: userId, subjectVersion: 1, payload: { userId } }]);
  const image = (row: DestinationRow | null) =>
    row && { notificationDestination: { id: row.id, channel: row.channel, format: row.format, status: row.status, reason: row.reason } };
  await writeAudit(tx, meta, [{ action, entityType: "user", entityId: userId, before: image(before), after: image(after) }]);
}

function givenIn({ chat, webPush }: AddNotificationDestinationInput): Given {
  const given: Given[] = [
    ...(chat ? [{ channel: "CHAT", format: chat.format, address: { url: chat.url }, path: "input.chat.url" }] : []),
    ...(webPush ? [browserIn(webPush)] : []),
  ];
  const [one, other] = given;
  if (one === undefined || other !== undefined) throw new BadUserInput([{ path: "input", message: "Pass either chat or webPush." }]);
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

/** The message must not repeat the URL, because it is a secret. */
async function assertAddressAllowed(policy: OutboundPolicy, url: string, path: string): Promise<void> {
  if (url.length > MAX_URL) throw new BadUserInput([{ path, message: `The URL is longer than ${MAX_URL} characters.` }]);
  try {
    await assertUrlAllowed(policy, url, path);
  } catch (error) {
    if (!(error instanceof UrlForbidden)) throw error;
    const [, reason = ""] = / cannot be called: ((?:(?! cannot be called: ).)*)$/s.exec(error.message) ?? [];
    throw new UrlForbidden(path, `The URL cannot be called: ${reason}`);
  }
}
