import { incompatibleChanges } from "@weft/engine";
import { BadUserInput, LimitExceeded, NotFound, quote } from "@weft/shared/errors";
import { eventTypes } from "@weft/shared/event-catalog";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { suggestionFor } from "@weft/shared/texts";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import {
  countCustomTypes,
  type CustomTypeRow,
  findCustomType,
  findCustomTypeById,
  insertCustomType,
  markCustomTypeDeleted,
  selectCustomTypes,
  updateCustomType,
} from "./event-type.store.js";
import {
  ofWeft,
  toEventType,
  type TriggeringEventType,
  type DeclareEventTypeInput,
  type UpdateEventTypeInput,
  eventTypeColumns,
} from "./event-type.type.js";
import { compiledSchema } from "./payload.js";

const MAX_TYPES = 500;
const MAX_SHOWN = 20;
const NAME = /^custom\.[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/;
/** The type under which the log contains all custom events. */
const RESERVED = "custom.published";

const shownTypes = Object.values(eventTypes)
  .filter(({ visibility }) => visibility === "subject")
  .map(({ type }) => type)
  .toSorted();

/** Returns the types of events that users can see: those of Weft in alphabetical order, then those that the tenant has declared. */
export async function listEventTypes(ctx: Context): Promise<TriggeringEventType[]> {
  const rows = await ctx.read(selectCustomTypes);
  return [...shownTypes.map(ofWeft), ...rows.map(toEventType)];
}

/** Returns the types that the tenant has declared. */
export const declaredTypes = (tx: Tx): Promise<CustomTypeRow[]> => selectCustomTypes(tx);

/** Declares a type of custom events. @throws BadUserInput, LimitExceeded (`eventTypes`), Conflict (idempotency key) */
export async function declareEventType(ctx: Context, input: DeclareEventTypeInput): Promise<TriggeringEventType> {
  eventTypeColumns.assertText(input);
  const { name, description, payloadSchema } = input;
  if (!NAME.test(name) || name === RESERVED)
    throw refused("name", `${quote(name)} is not a valid name. Names look like custom.order.paid; ${RESERVED} is reserved.`);
  await compiledSchema(ctx, payloadSchema);
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "declareEventType", input }, async () => {
      const used = await countCustomTypes(tx);
      if (used >= MAX_TYPES) throw new LimitExceeded({ limit: "eventTypes", used, allowed: MAX_TYPES });
      const schema = payloadSchema as Record<string, unknown>;
      const row = await insertCustomType(tx, { tenantId, id: newId(), name, description, payloadSchema: schema, createdBy: userId });
      if (row === null) throw refused("name", `The type ${quote(name)} already exists. Change it with updateEventType.`);
      await recordChange(tx, ctx.meta, { event: { type: "eventType.created", payload: payloadOf(row) }, before: null, after: row });
      return row;
    });
    const row = await findCustomTypeById(tx, id);
    if (row === null) throw refused("idempotencyKey", "The type of this key was deleted. Use a new key.");
    return toEventType(row);
  });
}

/** Changes a type of custom events. @throws NotFound, Conflict, BadUserInput (an incompatible schema without a new version) */
export async function updateEventType(ctx: Context, input: UpdateEventTypeInput): Promise<TriggeringEventType> {
  const id = decodeId("eventType", input.id, "input.id");
  const given = eventTypeColumns.changes(input);
  eventTypeColumns.assertText(given);
  if (given.payloadSchema !== undefined) await compiledSchema(ctx, given.payloadSchema);
  return ctx.inTenant(async (tx) => {
    const before = await getType(tx, id);
    const schema = given.payloadSchema as Record<string, unknown> | undefined;
    const isIncremented = schema !== undefined && input.isNewVersion === true;
    if (schema !== undefined && !isIncremented) assertCompatible(before, schema);
    const changes = {
      ...(given.description !== undefined && { description: given.description }),
      ...(schema !== undefined && { payloadSchema: schema }),
      ...(isIncremented && { typeVersion: before.typeVersion + 1 }),
    };
    const after = await updateCustomType(tx, id, input.expectedVersion ?? before.version, changes);
    if (after === null) throw changedMeanwhile("eventType", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "eventType.updated", payload: payloadOf(after) }, before, after });
    return toEventType(after);
  });
}

/** Deletes a type of custom events. Published events stay in the log. @throws NotFound, Conflict */
export async function deleteEventType(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("eventType", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const before = await getType(tx, id);
    if ((await markCustomTypeDeleted(tx, id, input.expectedVersion ?? before.version)) === null)
      throw changedMeanwhile("eventType", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "eventType.deleted", payload: payloadOf(before) }, before, after: null });
  });
  return input.id;
}

/** Returns the declared type of the name. @throws BadUserInput for `input.type`, with a similar name */
export async function getDeclaredType(tx: Tx, name: string): Promise<CustomTypeRow> {
  const row = await findCustomType(tx, name);
  if (row !== null) return row;
  const names = (await selectCustomTypes(tx)).map((type) => type.name);
  const message = `There is no declared type ${quote(name)}. Declare it with declareEventType.${suggestionFor(name, names)}`;
  throw refused("type", message);
}

async function getType(tx: Tx, id: string): Promise<CustomTypeRow> {
  const row = await findCustomTypeById(tx, id);
  if (row === null) throw new NotFound("EventType", encodeId("eventType", id));
  return row;
}

function assertCompatible({ payloadSchema }: CustomTypeRow, schema: Record<string, unknown>): void {
  type Schema = Parameters<typeof incompatibleChanges>[0];
  const changed = incompatibleChanges(payloadSchema as Schema, schema as Schema);
  if (changed.length === 0) return;
  throw new BadUserInput(
    changed.slice(0, MAX_SHOWN).map((path) => ({
      path: `input.payloadSchema.${path}`,
      message: "The change is incompatible with payloads of the current version. Pass isNewVersion: true, or undo it.",
    })),
  );
}

const payloadOf = ({ name, typeVersion }: CustomTypeRow) => ({ name, typeVersion });

const refused = (field: string, message: string): BadUserInput => new BadUserInput([{ path: `input.${field}`, message }]);
