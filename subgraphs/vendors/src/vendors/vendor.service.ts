import { vendors as tables } from "@weft/drizzle";
import { fieldsOfChanged, fieldsOfNew, keyedInput, type JsonObject } from "@weft/engine";
import { BadUserInput, Conflict, NotFound, type Problem } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import type { Permission } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { blindFilter, fieldPage } from "@weft/api/custom-fields";
import { setExternalId } from "@weft/api/external-ids";
import { emailProblems } from "@weft/api/inputs";
import type { Page } from "@weft/api/pages";
import { and } from "drizzle-orm";
import { giveOnboarding, startOnboarding, type Writer } from "./start-onboarding.js";
import { VendorFilter, VendorOrder } from "./vendor.filter.js";
import type { VendorsArgs } from "./vendor.input.js";
import { findVendorsByIds, getWrittenVendor, insertVendor, lockVendor, updateVendorRow, visibleVendors } from "./vendor.store.js";
import type { NewVendor, VendorRow } from "./vendor.store.js";
import { toVendor, vendorColumns, type CreateVendorInput, type UpdateVendorInput } from "./vendor.type.js";
import type { Vendor } from "./vendor.type.js";

/**
 * Returns a page of the vendors that the viewer can see.
 * @throws BadUserInput if the filter, the page size or a cursor is not valid
 */
export async function listVendors(ctx: Context, args: VendorsArgs): Promise<Page<Vendor>> {
  const filter = await blindFilter(ctx, "VENDOR", args.filter);
  return fieldPage(ctx, {
    list: "vendors",
    kind: "VENDOR",
    args,
    table: tables.vendors,
    filter,
    where: and(visibleVendors(ctx.viewer, "vendor.read"), VendorFilter.toSql(filter, "filter", ctx.viewer)),
    order: VendorOrder,
    orderBy: args.orderBy,
    otherwise: ["NAME", "ASC"],
    toNode: toVendor,
  });
}

/** Returns the vendors among the IDs that the viewer can see, for other parts of the subgraph. */
export const findVendors = (tx: Tx, { viewer }: Context, ids: readonly string[]): Promise<Map<string, VendorRow>> =>
  findVendorsByIds(tx, viewer, ids);

/** Like `findVendors`, for another permission. */
export const findVendorsFor = (
  tx: Tx,
  { viewer }: Context,
  ids: readonly string[],
  permission: Permission,
): Promise<Map<string, VendorRow>> => findVendorsByIds(tx, viewer, ids, permission);

/**
 * Creates a vendor: active at once, by the decision of a user who can create vendors, or in onboarding.
 * @throws BadUserInput, Conflict (idempotency key used with different input)
 */
export async function createVendor(ctx: Context, input: CreateVendorInput): Promise<VendorRow> {
  assertVendorTexts(input);
  return ctx.inTenant(async (tx) => {
    const keyed = await keyedInput(tx, ctx, "VENDOR", input);
    const { result } = await once(tx, ctx.meta, { mutation: "createVendor", key: input.idempotencyKey, ...keyed }, async () => {
      const id = newId();
      const fields = await fieldsOfNew(tx, ctx, "VENDOR", { id, given: input.fields });
      const row = await writeNewVendor(
        tx,
        ctx,
        { id, email: null, phone: null, ...vendorColumns.plain(input), ...fields },
        input.onboard ? "input.onboard" : null,
      );
      await setExternalId(tx, ctx, { list: "VENDORS", objectId: row.id, externalId: input.externalId ?? undefined });
      return { vendorId: row.id };
    });
    return getWrittenVendor(tx, result["vendorId"] ?? "");
  });
}

type NewValues = Omit<NewVendor, "tenantId" | "status" | "instanceId">;

/**
 * Inserts a vendor and, if a path is given, starts its onboarding.
 * @param onboardPath path of the input that asks for the onboarding; null if the vendor is active at once
 * @throws BadUserInput
 */
export async function writeNewVendor(tx: Tx, writer: Writer, values: NewValues, onboardPath: string | null): Promise<VendorRow> {
  const { tenantId } = writer.viewer;
  const onboarding = onboardPath === null ? null : await startOnboarding(tx, writer, values, onboardPath);
  const instanceId = onboarding?.instanceId ?? null;
  const row = await insertVendor(tx, { tenantId, ...values, status: instanceId === null ? "ACTIVE" : "ONBOARDING", instanceId });
  const related = instanceId === null ? {} : { instance: instanceId };
  const event = { type: "vendor.created", related, payload: { code: row.code, name: row.name } } as const;
  await recordChange(tx, writer.meta, { event, before: null, after: row });
  if (onboarding !== null) await giveOnboarding(tx, writer.meta, row, onboarding);
  return row;
}

/** @throws NotFound, BadUserInput, Conflict */
export async function updateVendor(ctx: Context, input: UpdateVendorInput): Promise<VendorRow> {
  assertVendorTexts(input);
  const { fields: given, externalId, ...changes } = vendorColumns.changes(input);
  return ctx.inTenant(async (tx) => {
    const before = await openVendor(ctx, tx, input, "vendor.update");
    const fields = await fieldsOfChanged(tx, ctx, "VENDOR", { id: before.id, before: before.fields as JsonObject, given });
    const after = await updateVendorRow(tx, before.id, { ...changes, ...fields });
    await setExternalId(tx, ctx, { list: "VENDORS", objectId: before.id, externalId });
    const changed = [
      ...Object.keys(changes),
      ...("fields" in fields ? ["fields"] : []),
      ...(externalId === undefined ? [] : ["externalId"]),
    ];
    await recordChange(tx, ctx.meta, { event: { type: "vendor.updated", payload: { changed } }, before, after });
    return after;
  });
}

interface PartImages {
  readonly before: readonly object[];
  readonly after: readonly object[];
}

/**
 * Replaces parts of a vendor that have tables of their own, as a change of the vendor: its row stays locked, its version is incremented.
 * @throws NotFound, Conflict (version)
 */
export async function changePartsOfVendor(
  ctx: Context,
  given: { readonly id: string; readonly expectedVersion?: number | null },
  part: "rates" | "serviceAreas",
  replace: (tx: Tx, vendorId: string) => Promise<PartImages>,
): Promise<Vendor> {
  return ctx.inTenant(async (tx) => {
    const before = await openVendor(ctx, tx, given, "vendor.update");
    const images = await replace(tx, before.id);
    const after = await updateVendorRow(tx, before.id, {});
    await recordChange(tx, ctx.meta, {
      event: { type: "vendor.updated", payload: { changed: [part] } },
      before: { ...before, [part]: images.before },
      after: { ...after, [part]: images.after },
    });
    return toVendor(after);
  });
}

/** Increments the version of a vendor that the caller has locked, because its parts change. */
export const incrementVendor = (tx: Tx, id: string): Promise<VendorRow> => updateVendorRow(tx, id, {});

export type { VendorRow } from "./vendor.store.js";

/**
 * Locks and returns the vendor to change.
 * @throws NotFound if the viewer cannot change it; Conflict if its version is not the expected one
 */
export async function openVendor(
  ctx: Context,
  tx: Tx,
  { id, expectedVersion }: { id: string; expectedVersion?: number | null },
  permission: Permission,
): Promise<VendorRow> {
  const row = await lockVendor(tx, ctx.viewer, decodeId("vendor", id, "input.id"), permission);
  if (!row) throw new NotFound("Vendor", id);
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) {
    throw new Conflict(`The vendor has version ${row.version}, not ${expectedVersion}.`, { currentVersion: row.version });
  }
  return row;
}

type Texts = Pick<UpdateVendorInput, "code" | "name" | "email" | "phone" | "categories">;

/** @throws BadUserInput */
export function assertVendorTexts({ code, name, email, phone, categories }: Texts): void {
  const problems: Problem[] = [
    ...vendorColumns.textProblems({ code, name }),
    ...(typeof email === "string" ? emailProblems("input.email", email) : []),
    ...vendorColumns.textProblems({ phone }),
    ...(categories ?? []).flatMap((category, i) => textProblems(`input.categories.${i}`, category, { max: 60 })),
  ];
  if ((categories ?? []).length > 50) problems.push({ path: "input.categories", message: "A vendor can have at most 50 categories." });
  if (problems.length > 0) throw new BadUserInput(problems);
}
