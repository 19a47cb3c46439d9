import {
  compileFieldSchema,
  fieldsForm,
  findFieldSchemaRow,
  findFieldSchemasOfKinds,
  misfits,
  storedFieldSchema,
  withEncryptedTexts,
  type FieldSchema,
  type FieldSchemaRow,
} from "@weft/engine";
import { BadUserInput, Conflict, Forbidden, type Problem, quote } from "@weft/shared/errors";
import { wakeWorkers } from "@weft/platform/pubsub";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { hasPermission, reachesAll } from "@weft/shared/viewer";
import { readPermissionOf } from "@weft/platform/access";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { CustomFieldKind, customFieldObjects, type CustomFieldOwnerColumns, ownerName } from "@weft/platform/custom-field-kinds";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import { unreadable } from "@weft/platform/privacy";
import type { Context } from "@weft/api/context";
import { openFieldsIn } from "@weft/api/custom-fields";
import { type Form, makeForm } from "@weft/api/forms";
import { assertText } from "@weft/api/inputs";
import type { PreviewCustomFieldsInput, UpdateCustomFieldsInput } from "./custom-field-schema.input.js";
import {
  countFieldSchemas,
  countObjects,
  countStoredForms,
  findPastPlainNames,
  insertFieldSchema,
  insertFieldSchemaVersion,
  lockCustomFields,
  type ObjectFields,
  selectFieldSchemaVersions,
  selectObjectFields,
  updateFieldSchema,
} from "./custom-field-schema.store.js";
import { removeSearchedValues } from "../saved-views/searched-values.service.js";
import {
  toCustomFieldSchema,
  toFieldSchemaVersion,
  type CustomFieldMisfit,
  type CustomFieldPreview,
  type CustomFieldSchema,
  type CustomFieldSchemaVersion,
} from "./custom-field-schema.type.js";

/** Objects that one page of a preview examines at most. */
export const MAX_EXAMINED = 500;
const VERSIONS = 100;
/** Types of a kind with fields of their own. */
const MAX_TYPES = 500;
const kinds = Object.values(CustomFieldKind);

/** Returns the schemas of the kinds of objects that the viewer can read. Kinds without custom fields are absent. */
export async function listCustomFieldSchemas(ctx: Context): Promise<CustomFieldSchema[]> {
  const readable = kinds.filter((kind) => hasPermission(ctx.viewer, readPermissionOf(customFieldObjects[kind].type)));
  const rows = readable.length > 0 ? await ctx.read((tx) => findFieldSchemasOfKinds(tx, readable)) : [];
  return rows.map(toCustomFieldSchema);
}

/** Returns the form of the fields of a new object. */
export const formOfSchema = (ctx: Context, { kind, schema }: CustomFieldSchema): Promise<Form> =>
  makeForm(ctx, () => fieldsForm(storedFieldSchema(schema), { name: kind, values: null, only: null }));

export async function versionsOf(ctx: Context, id: string): Promise<CustomFieldSchemaVersion[]> {
  const loader = ctx.loader<string, CustomFieldSchemaVersion[]>("customFieldSchemaVersions", async (tx, ids) => {
    const rows = await selectFieldSchemaVersions(tx, ids, VERSIONS);
    const byId = Map.groupBy(rows, ({ schemaId }) => schemaId);
    return new Map([...byId].map(([schemaId, versions]) => [schemaId, versions.map(toFieldSchemaVersion)]));
  });
  return (await loader.load(id)) ?? [];
}

/** Replaces the schema of a kind or type. Values that objects have stay, whether they fit or not. The values of indexed fields are rewritten by the database. */
export async function updateCustomFields(ctx: Context, { idempotencyKey, ...input }: UpdateCustomFieldsInput): Promise<CustomFieldSchema> {
  assertText(input, { message: { max: 2000, mayBeEmpty: true, hasLines: true } });
  const owner = ownerOf(input);
  const schema = await wantedSchema(ctx, input.schema);
  const compiled = await compiledOf(ctx, schema);
  const saved = await ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "updateCustomFields", key: idempotencyKey, input }, async () => ({
      id: (await writeSchema(ctx, tx, owner, { ...input, schema }, compiled)).id,
    }));
    const row = await findFieldSchemaRow(tx, owner);
    if (row === null) throw new Error(`The schema of ${ownerName(owner)} was written but cannot be read.`);
    return toCustomFieldSchema(row);
  });
  if (saved.encrypting.length > 0) await wakeWorkers(ctx.services);
  return saved;
}

async function writeSchema(
  ctx: Context,
  tx: Tx,
  owner: CustomFieldOwnerColumns,
  { schema: given, expectedVersion, message, encryptsValues }: Omit<UpdateCustomFieldsInput, "idempotencyKey">,
  compiled: FieldSchema,
): Promise<FieldSchemaRow> {
  const before = await findFieldSchemaRow(tx, owner);
  if (before === null) await assertFewTypes(tx, owner);
  const seen = before?.version ?? 0;
  if (typeof expectedVersion === "number" && expectedVersion !== seen) throw changedMeanwhile("customFieldSchema", seen);
  const { tenantId, userId } = ctx.viewer;
  await lockCustomFields(tx, tenantId, owner.kind);
  const encrypting = await plainValues(tx, owner, compiled, { before, encryptsValues: encryptsValues === true });
  const changes = {
    schema: given as Record<string, unknown>,
    indexed: [...compiled.indexed],
    encrypted: [...compiled.encrypted],
    encrypting,
  };
  // Filters of saved views would keep values in plain text.
  await removeSearchedValues(tx, owner.kind, newlyEncrypted(compiled, before));
  const after = before
    ? await updateFieldSchema(tx, before, { ...changes, isDue: encrypting.length > 0 })
    : await insertFieldSchema(tx, {
        ...changes,
        encryptAt: encrypting.length > 0 ? new Date().toISOString() : null,
        tenantId,
        id: newId(),
        ...owner,
      });
  if (after === null)
    throw before
      ? changedMeanwhile("customFieldSchema", seen)
      : new Conflict(`Somebody else has just created the custom fields of the kind ${ownerName(owner)}.`);
  const { id, version, schema } = after;
  await insertFieldSchemaVersion(tx, { tenantId, schemaId: id, version, schema, message: message?.trim() || null, authorId: userId });
  const type = before ? "customFieldSchema.updated" : "customFieldSchema.created";
  await recordChange(tx, ctx.meta, { event: { type, payload: { kind: owner.kind, typeKey: owner.typeKey || null } }, before, after });
  return after;
}

/** Names of fields that become encrypted. */
const newlyEncrypted = ({ encrypted }: FieldSchema, before: FieldSchemaRow | null): string[] =>
  [...encrypted].filter((name) => !before?.encrypted.includes(name));

interface PlainValues {
  readonly before: FieldSchemaRow | null;
  /** Whether values that exist are encrypted. */
  readonly encryptsValues: boolean;
}

/**
 * Returns the names of encrypted fields that have values in plain text, which a worker encrypts.
 * @throws BadUserInput for each field whose objects have values that are stored otherwise than the schema says, and must stay so, or that the caller does not
 * want to be encrypted: what was in plain text stays in the audit trail
 */
async function plainValues(
  tx: Tx,
  owner: CustomFieldOwnerColumns,
  schema: FieldSchema,
  { before, encryptsValues }: PlainValues,
): Promise<string[]> {
  const { root, encrypted, indexed } = schema;
  const forms = await countStoredForms(tx, owner, [...root.properties.keys()]);
  const past = await findPastPlainNames(tx, owner, newlyEncrypted(schema, before));
  const isWanted = (name: string): boolean => encryptsValues || before?.encrypting.includes(name) === true;
  const problems = forms.flatMap(({ name, plain, unfit, searchable, unsearchable }): Problem[] => {
    const path = `input.schema.properties.${name}`;
    if (!encrypted.has(name)) {
      const count = searchable + unsearchable;
      if (count === 0) return [];
      return [
        {
          path: `${path}.encrypted`,
          message: `${quote(name)} has encrypted values in ${count} objects, so it must stay encrypted. ${ANOTHER}`,
        },
      ];
    }
    if (unfit > 0) return [{ path: `${path}.encrypted`, message: notTexts(name, `${unfit} objects`) }];
    if (plain > 0 && !isWanted(name)) return [{ path: `${path}.encrypted`, message: inPlainText(name, `${plain} objects`) }];
    const isIndexed = indexed.some((field) => field.name === name);
    const others = isIndexed ? unsearchable : searchable;
    if (others === 0) return [];
    const message = `${quote(name)} has encrypted values ${isIndexed ? "without" : "with"} a blind index in ${others} objects, so index cannot change. ${ANOTHER}`;
    return [{ path: `${path}.index`, message }];
  });
  const present = forms.flatMap(({ name, plain }) => (encrypted.has(name) && plain > 0 ? [name] : []));
  for (const { name, areTexts } of past) {
    const path = `input.schema.properties.${name}.encrypted`;
    if (problems.some((problem) => problem.path === path)) continue;
    if (!areTexts) problems.push({ path, message: notTexts(name, "earlier versions of objects") });
    else if (!present.includes(name) && !isWanted(name)) problems.push({ path, message: inPlainText(name, "earlier versions of objects") });
  }
  if (problems.length > 0) throw new BadUserInput(problems);
  const continued = before?.encrypting.filter((name) => encrypted.has(name)) ?? [];
  return [...new Set([...present, ...past.map(({ name }) => name), ...continued])].toSorted();
}

const ANOTHER = "Declare a field with another name, and write the values there.";

const notTexts = (name: string, where: string): string =>
  `${quote(name)} has values that are not texts in ${where}, so it cannot be encrypted. ${ANOTHER}`;

const inPlainText = (name: string, where: string): string =>
  `${quote(name)} has values in plain text in ${where}. Specify encryptsValues: true to encrypt them; the audit trail keeps what it contains. To keep the values in plain text, specify encrypted: false.`;

/** Examines the next objects of a kind or type against a schema. Nothing is written. */
export async function previewCustomFields(
  ctx: Context,
  { schema, ...input }: PreviewCustomFieldsInput,
  { first, cursor }: { readonly first: number; readonly cursor: string | null | undefined },
): Promise<CustomFieldPreview> {
  if (first < 1 || first > MAX_EXAMINED)
    throw new BadUserInput([{ path: "first", message: `The number of objects must be from 1 to ${MAX_EXAMINED}.` }]);
  const owner = ownerOf(input);
  const { type } = customFieldObjects[owner.kind];
  // Problems quote values.
  const permission = readPermissionOf(type);
  if (!reachesAll(ctx.viewer, permission)) throw new Forbidden(`You do not have the permission ${permission} in scope TENANT.`);
  const after = typeof cursor === "string" ? decodeId(type, cursor, "cursor") : null;
  const compiled = await compiledOf(ctx, await wantedSchema(ctx, schema));
  const [objects, page] = await ctx.read(async (tx) => {
    const found = await selectObjectFields(tx, owner, { after, limit: first });
    return [await countObjects(tx, owner), await withPlainFields(tx, ctx, owner.kind, found)];
  });
  const found = await ctx.computing.forEach(page, ({ id, fields }): CustomFieldMisfit | null => {
    const problems = misfits(compiled, fields);
    return problems.length === 0 ? null : { id: encodeId(type, id), problems: [...problems] };
  });
  const last = page.length === first ? page.at(-1) : undefined;
  return {
    objects,
    examined: page.length,
    misfits: found.filter((misfit) => misfit !== null),
    nextCursor: last ? encodeId(type, last.id) : null,
  };
}

/** Encrypted values are examined in plain text. One that cannot be decrypted is examined as `[unreadable]`. */
async function withPlainFields(tx: Tx, ctx: Context, kind: CustomFieldKind, objects: readonly ObjectFields[]): Promise<ObjectFields[]> {
  const opened = await openFieldsIn(
    tx,
    ctx,
    objects.map(({ id, fields }) => ({ kind, id, fields })),
  );
  return objects.map(({ id, fields }, at) => ({
    id,
    fields: { ...(fields as object), ...Object.fromEntries([...(opened[at] ?? [])].map(([name, plain]) => [name, plain ?? unreadable])) },
  }));
}

/** @throws BadUserInput if the type of assets is missing, or given for another kind */
function ownerOf({ kind, typeKey }: Pick<UpdateCustomFieldsInput, "kind" | "typeKey">): CustomFieldOwnerColumns {
  if (customFieldObjects[kind].typeColumn === null) {
    if (typeof typeKey !== "string") return { kind, typeKey: "" };
    throw new BadUserInput([
      { path: "input.typeKey", message: `Objects of the kind ${kind} have no types with fields of their own. Omit typeKey.` },
    ]);
  }
  if (typeof typeKey !== "string")
    throw new BadUserInput([{ path: "input.typeKey", message: `Each type of the kind ${kind} has its own fields. Specify typeKey.` }]);
  assertText({ typeKey }, { typeKey: { max: 80 } });
  return { kind, typeKey };
}

/** Bounds the list of all schemas. Of concurrent calls, a few can exceed it. */
async function assertFewTypes(tx: Tx, { kind, typeKey }: CustomFieldOwnerColumns): Promise<void> {
  if (typeKey === "" || (await countFieldSchemas(tx, kind)) < MAX_TYPES) return;
  const message = `At most ${MAX_TYPES} types can have custom fields.`;
  throw new BadUserInput([{ path: "input.typeKey", message }]);
}

/** Returns the schema as the tenant's setting completes it. */
async function wantedSchema({ services, viewer }: Context, schema: unknown): Promise<unknown> {
  const { security } = await effectiveConfigOf(services, viewer.tenantId);
  return security.encryptCustomFields ? withEncryptedTexts(schema) : schema;
}

async function compiledOf(ctx: Context, schema: unknown): Promise<FieldSchema> {
  const result = await ctx.computing.run(() => compileFieldSchema(schema));
  if (result.ok) return result.schema;
  throw new BadUserInput(result.problems.map(({ path, message }) => ({ path: `input.${path}`, message })));
}
