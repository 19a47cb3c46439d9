import { type Connector, connectors, findConnector } from "@weft/connectors";
import { BadUserInput, Conflict, Forbidden, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { changedFields, type IdInput, type VersionedIdInput } from "@weft/api/inputs";
import { isDeepStrictEqual } from "node:util";
import { countAwaitedCalls } from "./calls/call.store.js";
import { checkOf } from "./connecting.js";
import {
  countIntegrations,
  deleteIntegrationRow,
  findIntegration,
  insertIntegration,
  type IntegrationRow,
  recordCheck,
  updateIntegrationRow,
} from "./integration.store.js";
import {
  type Integration,
  toIntegration,
  type CreateIntegrationInput,
  type UpdateIntegrationInput,
  integrationColumns,
} from "./integration.type.js";
import { assertMayPublish } from "../events/mapping/mapping-terms.js";
import { countTriggersOf, takeTriggersOver } from "./triggers/trigger.store.js";

const MAX_INTEGRATIONS = 200;
const KEY = /^(?=.{1,64}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Position of an integration's credentials, which their ciphertext is bound to. */
export const credentialsField = (id: string): string => `events.integrations.credentials/${id}`;

/** Converts a row to its API type. */
export function shownIntegration(row: IntegrationRow): Integration {
  return toIntegration(row, findConnector(row.connector)?.actionsOf(row.configuration) ?? []);
}

/** @throws NotFound */
export async function readIntegration(ctx: Context, id: string): Promise<Integration> {
  const uuid = decodeId("integration", id);
  return shownIntegration(await ctx.read((tx) => getIntegration(tx, uuid)));
}

/**
 * Creates an integration. Its destination is checked before anything is saved.
 * @throws BadUserInput, Conflict (idempotency key used with different input)
 */
export async function createIntegration(ctx: Context, input: CreateIntegrationInput): Promise<Integration> {
  const { key, name, configuration, credentials } = input;
  const problems = integrationColumns.textProblems(input);
  if (!KEY.test(key))
    problems.push({
      path: "input.key",
      message: `${quote(key)} is not a valid key. Use words of lower-case letters and digits, joined by hyphens, for example crm-orders.`,
    });
  const connector = findConnector(input.connector);
  if (connector === null)
    problems.push({
      path: "input.connector",
      message: `There is no connector ${quote(input.connector)}. Known connectors: ${connectors.map((one) => one.key).join(", ")}.`,
    });
  if (problems.length > 0 || connector === null) throw new BadUserInput(problems);
  await assertAccepted(ctx, connector, { configuration, credentials });
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createIntegration", input }, async () => {
      const count = await countIntegrations(tx);
      if (count >= MAX_INTEGRATIONS)
        throw new BadUserInput([{ path: "input.key", message: `The tenant has ${count} integrations, which is the maximum.` }]);
      const uuid = newId();
      const row = await insertIntegration(tx, {
        tenantId,
        id: uuid,
        key,
        name: name.trim(),
        connector: connector.key,
        configuration: configuration as Record<string, unknown>,
        ...(await sealed(ctx, tx, uuid, credentials)),
        createdBy: userId,
      });
      await recordChange(tx, ctx.meta, { event: { type: "integration.created", payload: { key } }, before: null, after: row });
      return row;
    });
    return shownIntegration(await getIntegration(tx, id));
  });
}

/**
 * Changes an integration. Stored credentials are never sent to another destination than the one that they were given for. With another configuration or
 * other credentials, its triggers publish events in the viewer's name.
 * @throws NotFound, BadUserInput, Conflict, Forbidden (it has triggers, and the viewer may not publish events)
 */
export async function updateIntegration(ctx: Context, input: UpdateIntegrationInput): Promise<Integration> {
  const id = decodeId("integration", input.id, "input.id");
  const { name, configuration, credentials, status, expectedVersion } = input;
  const {
    configuration: _configuration,
    credentials: _credentials,
    ...plain
  } = changedFields({
    name: name?.trim(),
    status,
    configuration,
    credentials,
  });
  const changed = Object.entries({ name, status, configuration, credentials }).flatMap(([field, value]) =>
    value === undefined || value === null ? [] : [field],
  );
  integrationColumns.assertText(input);
  // Name servers are asked outside of the transaction that writes.
  const read = await ctx.inTenant(async (tx) => {
    const row = await getIntegration(tx, id);
    return { row, stored: await openCredentials(ctx, tx, row) };
  });
  if (expectedVersion !== undefined && expectedVersion !== null && expectedVersion !== read.row.version)
    throw changedMeanwhile("integration", read.row.version);
  const connector = connectorOf(read.row);
  const isReconfigured = configuration !== undefined && configuration !== null;
  const isReauthorized = credentials !== undefined && credentials !== null;
  if (isReconfigured || isReauthorized) {
    const next = {
      configuration: isReconfigured ? configuration : read.row.configuration,
      credentials: isReauthorized ? credentials : read.stored,
    };
    await assertAccepted(ctx, connector, next);
    if (!isReauthorized && connector.destinationOf(next.configuration) !== connector.destinationOf(read.row.configuration))
      throw new BadUserInput([
        {
          path: "input.credentials",
          message: "The configuration has another destination. Pass the credentials again, because the stored ones are not sent there.",
        },
      ]);
  }
  return ctx.inTenant(async (tx) => {
    const before = await getIntegration(tx, id);
    const changes = {
      ...plain,
      ...(isReconfigured && { configuration: configuration as Record<string, unknown> }),
      ...(isReauthorized && (await sealed(ctx, tx, id, credentials))),
      ...((isReconfigured || isReauthorized) && { health: "UNKNOWN", failuresInRow: 0, blockedUntil: null }),
    };
    // The destination was compared with that of the version that was read.
    const after = await updateIntegrationRow(tx, id, read.row.version, changes);
    if (after === null) throw changedMeanwhile("integration", before.version);
    const isRestarted = !isDeepStrictEqual(after.configuration, before.configuration);
    if ((isRestarted || isReauthorized) && (await countTriggersOf(tx, id)) > 0) {
      // Whoever decides which system is asked must not decide what other users publish.
      assertMayPublish(ctx, "trigger");
      if (ctx.viewer.apiKey !== null)
        throw new Forbidden(
          "API keys cannot do this: the triggers of the integration publish with all rights of their user. Log in as a user.",
        );
      await takeTriggersOver(tx, id, { userId: ctx.viewer.userId, isRestarted });
    }
    const payload = { key: after.key, changed };
    await recordChange(tx, ctx.meta, { event: { type: "integration.updated", payload }, before, after });
    return shownIntegration(after);
  });
}

/** Deletes an integration, its triggers and its calls. @throws NotFound, Conflict (also while workflows wait for results of its calls) */
export async function deleteIntegration(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("integration", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await getIntegration(tx, id);
    const awaited = await countAwaitedCalls(tx, id);
    if (awaited > 0) throw new Conflict(awaitedMessage(before.key, awaited));
    const deleted = await deleteIntegrationRow(tx, id, input.expectedVersion ?? before.version);
    if (deleted === null) throw changedMeanwhile("integration", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "integration.deleted", payload: { key: before.key } }, before, after: null });
    return encodeId("integration", id);
  });
}

function awaitedMessage(key: string, count: number): string {
  const [calls, their] = count === 1 ? ["1 call", "its result"] : [`${count} calls`, "their results"];
  return `Workflow instances wait for ${calls} of the integration ${quote(key)}. Let the instances take ${their} first: wait for pending calls, retry failed ones, and resume the instances or resolve their incidents. Or cancel the instances. To send no more calls in the meantime, set the status to PAUSED.`;
}

/** Checks now whether the system can be reached with the credentials, and records the result. No transaction is open while it is asked. @throws NotFound */
export async function checkIntegration(ctx: Context, input: IdInput): Promise<Integration> {
  const id = decodeId("integration", input.id, "input.id");
  const { row, credentials } = await ctx.inTenant(async (tx) => {
    const found = await getIntegration(tx, id);
    return { row: found, credentials: await openCredentials(ctx, tx, found) };
  });
  const error = await checkOf(ctx.services.config.outbound, connectorOf(row), { configuration: row.configuration, credentials });
  return ctx.inTenant(async (tx) => {
    const after = await recordCheck(tx, id, error);
    if (after === null) throw new NotFound("Integration", input.id);
    return shownIntegration(after);
  });
}

/** @throws NotFound */
export async function getIntegration(tx: Tx, id: string): Promise<IntegrationRow> {
  const row = await findIntegration(tx, id);
  if (row === null) throw new NotFound("Integration", encodeId("integration", id));
  return row;
}

/** Connectors are never removed. */
export function connectorOf({ connector }: Pick<IntegrationRow, "connector">): Connector {
  const found = findConnector(connector);
  if (found === null) throw new Error(`There is no connector ${connector}.`);
  return found;
}

async function openCredentials(ctx: Context, tx: Tx, { id, credentials }: IntegrationRow): Promise<unknown> {
  const [opened = ""] = await ctx.services.secrets.open(tx, ctx.viewer.tenantId, [{ field: credentialsField(id), value: credentials }]);
  return JSON.parse(opened);
}

async function sealed(
  ctx: Context,
  tx: Tx,
  id: string,
  credentials: unknown,
): Promise<Pick<IntegrationRow, "credentials" | "credentialNames">> {
  const value = JSON.stringify(credentials);
  const [text = ""] = await ctx.services.secrets.seal(tx, ctx.viewer.tenantId, [{ field: credentialsField(id), value }]);
  return { credentials: text, credentialNames: Object.keys(credentials as object) };
}

async function assertAccepted(
  ctx: Context,
  connector: Connector,
  values: { readonly configuration: unknown; readonly credentials: unknown },
): Promise<void> {
  const problems = await connector.problemsOf({ ...values, policy: ctx.services.config.outbound });
  assertNoProblems(problems.map(({ path, message }) => ({ path: `input.${path}`, message })));
}

function assertNoProblems(problems: readonly { readonly path: string; readonly message: string }[]): void {
  if (problems.length > 0) throw new BadUserInput([...problems]);
}
