import { BadUserInput, NotFound, RateLimited } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findAddressee } from "../deliveries/send.store.js";
import { tellOfDestination } from "./change.js";
import { activateDestination, type DestinationRow, findDestination, lockDestinations, ofUser } from "./destination.store.js";
import { codeHash, isSameHash } from "./phone-number.js";
import { type Addressed, countTexts, countWrongTry, findOpenCode, insertCode, recentCodes, spendCode } from "./text-message.store.js";
import type { ConfirmNotificationDestinationInput } from "./destination.type.js";

/** Seconds after which a user can ask for another code. */
const SECONDS_BETWEEN_CODES = 60;
/** Codes that a user can ask for within 24 hours, and that a number gets from all users. */
export const CODES_PER_DAY = 5;
const DAY_SECONDS = 86_400;
const MAX_WRONG_CODES = 5;

/**
 * Checks that the user can get text messages.
 * @param smsPerDay limit of the organization
 * @throws BadUserInput if the organization sends none, RateLimited
 */
export async function assertTextsAllowed(
  tx: Tx,
  smsPerDay: number,
  { userId, addressHash }: Pick<Addressed, "userId" | "addressHash">,
): Promise<void> {
  const refuse = (message: string): never => {
    throw new BadUserInput([{ path: "input.sms", message }]);
  };
  const addressee = await findAddressee(tx, userId);
  if (addressee?.isVerifiedTenant !== true)
    refuse("Your organization sends no text messages until one of its users has confirmed an email address.");
  if (addressee?.isSelfRegistered === true && !addressee.isConfirmed) refuse("Confirm your email address first.");
  if (smsPerDay === 0) refuse("Your organization sends no text messages.");
  const { ofTenant } = await countTexts(tx, { addressHash });
  if (ofTenant >= smsPerDay)
    throw new RateLimited({ retryAfter: 3600 }, "Your organization has sent too many text messages within 24 hours.");
}

/** Queues a code for an unconfirmed destination. The destinations of the user are locked. @throws RateLimited */
export async function requestCode(tx: Tx, destination: Addressed): Promise<void> {
  const { count, sinceLast, sinceFirst } = await recentCodes(tx, destination.userId);
  if (count > 0 && sinceLast < SECONDS_BETWEEN_CODES)
    throw new RateLimited({ retryAfter: SECONDS_BETWEEN_CODES - sinceLast }, "You have asked for a code a moment ago.");
  if (count >= CODES_PER_DAY)
    throw new RateLimited({ retryAfter: Math.max(1, DAY_SECONDS - sinceFirst) }, `You have asked for ${count} codes within 24 hours.`);
  await insertCode(tx, destination);
}

/**
 * Activates a phone number of the viewer with the code that was sent to it. Repeating it changes nothing.
 * @throws NotFound, BadUserInput (the same for each code that is not valid)
 */
export async function confirmDestination(ctx: Context, input: ConfirmNotificationDestinationInput): Promise<DestinationRow> {
  const { userId } = ctx.viewer;
  const id = decodeId("notificationDestination", input.id, "input.id");
  const code = input.code.replaceAll(/\s/g, "");
  if (!/^\d{6}$/.test(code)) throw new BadUserInput([{ path: "input.code", message: "A code has six digits." }]);
  const confirmed = await ctx.inTenant(async (tx) => {
    const owner = ofUser(userId);
    await lockDestinations(tx, owner);
    const before = await findDestination(tx, id);
    if (before === null || before.userId !== userId || before.status === "REMOVED") throw new NotFound("NotificationDestination", input.id);
    if (before.status === "ACTIVE") return before;
    const open = before.status === "UNCONFIRMED" ? await findOpenCode(tx, id, MAX_WRONG_CODES) : null;
    if (open === null) return null;
    if (!isSameHash(codeHash(ctx.services.keys, open.id, code), open.codeHash)) {
      // Committed: the error is thrown afterwards.
      await countWrongTry(tx, open.id);
      return null;
    }
    await spendCode(tx, open.id);
    const after = await activateDestination(tx, id);
    await tellOfDestination(tx, ctx.meta, { owner, verb: "confirm", before, after });
    return after;
  });
  if (confirmed !== null) return confirmed;
  const message = `The code is not valid. A code can be used for 10 minutes, and until ${MAX_WRONG_CODES} wrong ones were entered. Add the phone number again to get another one.`;
  throw new BadUserInput([{ path: "input.code", message }]);
}
