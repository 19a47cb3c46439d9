import { closest } from "@weft/engine";
import { BadUserInput, NotFound, quote } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { readLifecycle } from "./asset-lifecycle.js";
import {
  alignStatuses,
  type AssetTypeChanges,
  type AssetTypeRow,
  findAssetTypes,
  insertAssetType,
  insertAssetTypeOnce,
  listAssetTypeKeys,
  lockAssetType,
  updateAssetTypeRow,
} from "./asset-type.store.js";
import {
  type AssetType,
  assetTypeColumns,
  type AssetTypeStatus,
  type CreateAssetTypeInput,
  toAssetType,
  type UpdateAssetTypeInput,
} from "./asset-type.type.js";

const MAX_NOTICE_DAYS = 366;

/** In shorter keys, one other letter makes another word. */
const MIN_TYPO_CHARS = 4;

/** From this length on, two letters can differ in a typing mistake. */
const LONG_KEY_CHARS = 8;

/** @throws BadUserInput */
function assertNotices(input: Pick<CreateAssetTypeInput, "warrantyNoticeDays" | "inspectionNoticeDays">): void {
  const problems = (["warrantyNoticeDays", "inspectionNoticeDays"] as const).flatMap((field) => {
    const days = input[field];
    if (typeof days !== "number" || (days >= 0 && days <= MAX_NOTICE_DAYS)) return [];
    return [{ path: `input.${field}`, message: `${days} is not a valid number of days. Use a number from 0 to ${MAX_NOTICE_DAYS}.` }];
  });
  if (problems.length > 0) throw new BadUserInput(problems);
}

export async function createAssetType(ctx: Context, input: CreateAssetTypeInput): Promise<AssetType> {
  assetTypeColumns.assertText(input);
  assertNotices(input);
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createAssetType", input }, async () => {
      const { warrantyNoticeDays, inspectionNoticeDays } = input;
      const notices = {
        ...(typeof warrantyNoticeDays === "number" && { warrantyNoticeDays }),
        ...(typeof inspectionNoticeDays === "number" && { inspectionNoticeDays }),
      };
      const lifecycle = await readLifecycle(tx, ctx.viewer, input.lifecycle ?? null);
      const values = { ...assetTypeColumns.plain(input), ...notices, ...lifecycle };
      const row = await insertAssetType(tx, { tenantId: ctx.viewer.tenantId, id: newId(), ...values });
      await recordCreation(tx, ctx, row);
      return row;
    });
    const [row] = await findAssetTypes(tx, ctx.viewer, [id], "assetType.update");
    if (row === undefined) throw new Error("The created asset type cannot be read.");
    return toAssetType(row);
  });
}

const recordCreation = (tx: Tx, ctx: Context, row: AssetTypeRow): Promise<void> =>
  recordChange(tx, ctx.meta, { event: { type: "assetType.created", payload: { key: row.key } }, before: null, after: row });

/** Changes the given fields. Of concurrent changes to the same version, one succeeds and the others fail with CONFLICT. */
export async function updateAssetType(ctx: Context, input: UpdateAssetTypeInput): Promise<AssetType> {
  assertNotices(input);
  const { lifecycle, ...changes } = assetTypeColumns.changes(input);
  assetTypeColumns.assertText(changes);
  return changeType(ctx, input, async (tx) => ({
    ...changes,
    ...(lifecycle !== undefined && (await readLifecycle(tx, ctx.viewer, lifecycle))),
  }));
}

/** Ends the use of a type for new assets. No change if it is inactive already. Existing assets stay. */
export const deactivateAssetType = (ctx: Context, input: VersionedIdInput): Promise<AssetType> => setStatus(ctx, input, "INACTIVE");

/** Allows new assets of a type again. No change if it is active already. */
export const reactivateAssetType = (ctx: Context, input: VersionedIdInput): Promise<AssetType> => setStatus(ctx, input, "ACTIVE");

const setStatus = (ctx: Context, input: VersionedIdInput, status: AssetTypeStatus): Promise<AssetType> =>
  changeType(ctx, input, async (_tx, before) => (before.status === status ? null : { status }));

/** @param changesOf returns the changes; null: there are none */
async function changeType(
  ctx: Context,
  { id: given, expectedVersion }: VersionedIdInput,
  changesOf: (tx: Tx, before: AssetTypeRow) => Promise<AssetTypeChanges | null>,
): Promise<AssetType> {
  const id = decodeId("assetType", given, "input.id");
  return ctx.inTenant(async (tx) => {
    const [before] = await findAssetTypes(tx, ctx.viewer, [id], "assetType.update");
    if (before === undefined) throw new NotFound("AssetType", given);
    if (typeof expectedVersion === "number" && expectedVersion !== before.version) throw changedMeanwhile("assetType", before.version);
    const changes = await changesOf(tx, before);
    if (changes === null) return toAssetType(before);
    const after = await updateAssetTypeRow(tx, id, before.version, changes);
    if (after === null) throw changedMeanwhile("assetType", before.version);
    if (changes.lifecycleStatuses !== undefined) await alignStatuses(tx, id);
    await recordChange(tx, ctx.meta, { event: { type: "assetType.updated", payload: { changed: fieldsOf(changes) } }, before, after });
    return toAssetType(after);
  });
}

/** Returns the names of changed fields of the API. A lifecycle is stored in two columns. */
const fieldsOf = (changes: AssetTypeChanges): string[] => [
  ...new Set(Object.keys(changes).map((column) => (column.startsWith("lifecycle") ? "lifecycle" : column))),
];

/**
 * Returns the type that a new or changed asset refers to by its key. A key without a type creates one with the key as its name, so that assets can be
 * recorded before anybody has described their types. A key that is probably a typing mistake is refused.
 * @throws BadUserInput if the type is inactive, or has a name that resembles another one
 */
export async function useAssetType(tx: Tx, ctx: Context, key: string): Promise<AssetTypeRow> {
  const type = await lockAssetType(tx, key);
  if (type === null) {
    await assertNoTypo(tx, key);
    return addAssetType(tx, ctx, key);
  }
  if (type.status === "ACTIVE") return type;
  const message = `The asset type ${quote(key)} is inactive. Choose another one, or reactivate it with reactivateAssetType.`;
  throw new BadUserInput([{ path: "input.type", message }]);
}

/**
 * Refuses a new key that is probably a misspelled existing one. Other short words often differ in two letters, as `cooler` and `boiler` do. Keys that
 * differ only in their digits, such as `pump-1` and `pump-2`, are not typing mistakes.
 */
async function assertNoTypo(tx: Tx, key: string): Promise<void> {
  if (key.length < MIN_TYPO_CHARS) return;
  const letters = key.replaceAll(/\d/g, "");
  const others = (await listAssetTypeKeys(tx)).filter((other) => other.replaceAll(/\d/g, "") !== letters);
  const similar = closest(key, others, key.length < LONG_KEY_CHARS ? 1 : 2);
  if (similar === undefined) return;
  const message = `There is no asset type ${quote(key)}. Did you mean ${quote(similar)}? If it is another type, create it first with createAssetType.`;
  throw new BadUserInput([{ path: "input.type", message }]);
}

async function addAssetType(tx: Tx, ctx: Context, key: string): Promise<AssetTypeRow> {
  const added = await insertAssetTypeOnce(tx, { tenantId: ctx.viewer.tenantId, id: newId(), key, name: key });
  if (added !== null) {
    await recordCreation(tx, ctx, added);
    return added;
  }
  // Another transaction has just added it.
  const type = await lockAssetType(tx, key);
  if (type === null) throw new Error(`The asset type ${key} was neither added nor found.`);
  return type;
}
