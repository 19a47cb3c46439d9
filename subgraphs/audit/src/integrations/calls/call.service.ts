import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { decodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { createOnce } from "@weft/platform/idempotency";
import type { Services } from "@weft/platform/services";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import { connectorOf, getIntegration } from "../integration.service.js";
import { inputField } from "./call-parts.js";
import { type CallRow, findCall, insertCall, renewCall } from "./call.store.js";
import type { CallIntegrationInput } from "./call.type.js";

/** @throws NotFound */
export async function readCall(ctx: Context, id: string): Promise<CallRow> {
  const uuid = decodeId("integrationCall", id);
  const row = await ctx.read((tx) => findCall(tx, uuid));
  if (row === null) throw new NotFound("IntegrationCall", id);
  return row;
}

/**
 * Stores a call. A worker sends it after the commit.
 * @throws NotFound, BadUserInput (no such action, an input that does not match its schema), Conflict (idempotency key used with different input)
 */
export async function callIntegration(ctx: Context, input: CallIntegrationInput): Promise<CallRow> {
  const integrationId = decodeId("integration", input.integrationId, "input.integrationId");
  const { tenantId, userId } = ctx.viewer;
  const row = await ctx.inTenant(async (tx) => {
    let created: CallRow | undefined;
    const id = await createOnce(tx, ctx.meta, { mutation: "callIntegration", input }, async () => {
      const integration = await getIntegration(tx, integrationId);
      const actions = connectorOf(integration).actionsOf(integration.configuration);
      const action = actions.find(({ key }) => key === input.action);
      if (action === undefined)
        throw new BadUserInput([
          {
            path: "input.action",
            message: `The integration has no action ${quote(input.action)}. Its actions: ${actions.map(({ key }) => key).join(", ")}.`,
          },
        ]);
      const problems = action.problemsOf(input.input);
      if (problems.length > 0) throw new BadUserInput(problems.map(({ path, message }) => ({ path: `input.${path}`, message })));
      const uuid = newId();
      const [sealed = ""] = await ctx.services.secrets.seal(tx, tenantId, [
        { field: inputField(uuid), value: JSON.stringify(input.input) },
      ]);
      created = await insertCall(tx, {
        tenantId,
        id: uuid,
        integrationKey: integration.key,
        integrationId,
        action: action.key,
        input: sealed,
        createdBy: userId,
      });
      await auditCall(ctx, tx, "integrationCall.create", null, created);
      return created;
    });
    const found = created ?? (await findCall(tx, id));
    if (found === null) throw new NotFound("IntegrationCall", input.integrationId);
    return found;
  });
  wakeCallSender(ctx.services);
  return row;
}

/**
 * Sends a call again that has ended without success. What its failure did to a workflow stays as it is.
 * @throws NotFound, Conflict (the call is pending, or succeeded)
 */
export async function retryCall(ctx: Context, input: IdInput): Promise<CallRow> {
  const id = decodeId("integrationCall", input.id, "input.id");
  const row = await ctx.inTenant(async (tx) => {
    const before = await findCall(tx, id);
    if (before === null) throw new NotFound("IntegrationCall", input.id);
    if (before.integrationId === null)
      throw new Conflict(`There was no integration ${quote(before.integrationKey)}, so the call cannot be sent again.`);
    const after = await renewCall(tx, id);
    if (after === null)
      throw new Conflict(`The call is ${before.status}. Only calls that are FAILED, UNKNOWN, DEAD, or EXPIRED can be sent again.`);
    await auditCall(ctx, tx, "integrationCall.retry", before, after);
    return after;
  });
  wakeCallSender(ctx.services);
  return row;
}

const auditCall = (
  ctx: Context,
  tx: Parameters<typeof writeAudit>[0],
  action: string,
  before: CallRow | null,
  after: CallRow,
): Promise<void> => writeAudit(tx, ctx.meta, [{ action, entityType: "integrationCall", entityId: after.id, before, after }]);

/** Notifies the sender after a commit. The sender also polls. */
export function wakeCallSender({ pubsub, log }: Pick<Services, "pubsub" | "log">): void {
  pubsub
    .publish(channels.integrationCalls, "")
    .catch((error: unknown) => log.debug({ err: error }, "the sender of integration calls could not be notified"));
}
