import { BadUserInput, Forbidden, LimitExceeded, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce, once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { beginConsuming, endConsuming, findRule, insertRule, lockRuleCount, removeRule, type RuleRow, updateRule } from "./rule.store.js";
import { newTerms, readTerms } from "./terms.js";
import type { CreateNotificationRuleInput, UpdateNotificationRuleInput } from "./rule.type.js";

/** Each event of a tenant is held against all of its active rules. */
const MAX_RULES = 500;

/** @throws NotFound */
export const readRule = (ctx: Context, id: string): Promise<RuleRow> => ctx.read((tx) => getRule(tx, id));

/** Creates a rule. It applies to the events that occur from now on. @throws BadUserInput, Forbidden (chats of teams), LimitExceeded (`notificationRules`), Conflict (idempotency key) */
export async function createNotificationRule(ctx: Context, input: CreateNotificationRuleInput): Promise<RuleRow> {
  const { idempotencyKey: _key, ...given } = input;
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createNotificationRule", input }, async () => {
      const terms = await readTerms(tx, newTerms, given);
      assertMaySend(ctx.viewer, terms);
      const used = await lockRuleCount(tx);
      if (used >= MAX_RULES) throw new LimitExceeded({ limit: "notificationRules", used, allowed: MAX_RULES });
      const afterPosition = terms.status === "ACTIVE" ? await beginConsuming(tx) : 0;
      const row = await insertRule(tx, { ...terms, tenantId, id: newId(), ownerId: userId, afterPosition });
      await tell(ctx, tx, "created", null, row);
      return row;
    });
    const row = await findRule(tx, id);
    if (row === null)
      throw new BadUserInput([{ path: "input.idempotencyKey", message: "The rule of this key was deleted. Use a new key." }]);
    return row;
  });
}

/** Changes, pauses, or activates a rule. @throws NotFound, Conflict, BadUserInput, Forbidden (chats of teams) */
export async function updateNotificationRule(ctx: Context, input: UpdateNotificationRuleInput): Promise<RuleRow> {
  const id = decodeId("notificationRule", input.id, "input.id");
  const { idempotencyKey, ...call } = input;
  const { id: _id, expectedVersion, ...given } = call;
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "updateNotificationRule", key: idempotencyKey, input: call }, async () => {
      const before = await getRule(tx, id);
      const terms = await readTerms(tx, before, given);
      assertMaySend(ctx.viewer, terms);
      const isActivated = before.status === "PAUSED" && terms.status === "ACTIVE";
      const afterPosition = isActivated ? await beginConsuming(tx) : before.afterPosition;
      const after = await updateRule(tx, { id, version: expectedVersion ?? before.version }, { ...termsOf(terms), afterPosition });
      if (after === null) throw changedMeanwhile("notificationRule", before.version);
      await tell(ctx, tx, "updated", before, after);
      if (after.status === "PAUSED") await endConsuming(tx);
      return { id };
    });
    return getRule(tx, id);
  });
}

/** Deletes a rule. Its notifications stay. @throws NotFound, Conflict */
export async function deleteNotificationRule(ctx: Context, input: KeyedVersionedIdInput): Promise<string> {
  const id = decodeId("notificationRule", input.id, "input.id");
  const { idempotencyKey, ...call } = input;
  await ctx.inTenant((tx) =>
    once(tx, ctx.meta, { mutation: "deleteNotificationRule", key: idempotencyKey, input: call }, async () => {
      const before = await getRule(tx, id);
      if ((await removeRule(tx, { id, version: input.expectedVersion ?? before.version })) === null)
        throw changedMeanwhile("notificationRule", before.version);
      await tell(ctx, tx, "deleted", before, null);
      await endConsuming(tx);
      return { id };
    }),
  );
  return input.id;
}

/** Chats show values of events whatever their readers can see, so only users who can read all events write to them. @throws Forbidden */
function assertMaySend(viewer: Viewer, { recipients }: Pick<RuleRow, "recipients">): void {
  if (!recipients.some(({ type }) => type === "TEAM_CHATS" || type === "CHAT") || reachesAll(viewer, "event.read")) return;
  throw new Forbidden("A rule that sends to chats of teams requires the permission event.read in scope TENANT.");
}

async function getRule(tx: Tx, id: string): Promise<RuleRow> {
  const row = await findRule(tx, id);
  if (row === null) throw new NotFound("NotificationRule", encodeId("notificationRule", id));
  return row;
}

/** The columns that an input changes. */
const termsOf = ({
  name,
  eventTypes,
  condition,
  recipients,
  title,
  body,
  channels,
  isMandatory,
  status,
}: Awaited<ReturnType<typeof readTerms>>) => ({
  name,
  eventTypes,
  condition,
  recipients,
  title,
  body,
  channels,
  isMandatory,
  status,
});

async function tell(
  ctx: Context,
  tx: Tx,
  verb: "created" | "updated" | "deleted",
  before: RuleRow | null,
  after: RuleRow | null,
): Promise<void> {
  const row = after ?? before;
  if (row === null) throw new Error("a change of a rule without a rule");
  const { name, eventTypes } = row;
  await recordChange(tx, ctx.meta, { event: { type: `notificationRule.${verb}`, payload: { name, eventTypes } }, before, after });
}
