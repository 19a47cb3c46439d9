import { vendors as tables } from "@weft/drizzle";
import {
  appendEvents,
  BadUserInput,
  Conflict,
  decodeId,
  emailProblems,
  newId,
  NotFound,
  once,
  recordChange,
  tablePage,
  writeAudit,
  textProblems,
} from "@weft/shared";
import type { Context, Page, Permission, Problem, Tx } from "@weft/shared";
import { and } from "drizzle-orm";
import { VendorFilter, VendorOrder } from "./vendor.filter.js";
import type { CreateVendorInput, DeactivateVendorInput, UpdateVendorInput, VendorsArgs } from "./vendor.input.js";
import { insertVendor, lockVendor, selectVendor, updateVendorRow, visibleVendors } from "./vendor.store.js";
import type { VendorChanges, VendorRow } from "./vendor.store.js";
import { toVendor } from "./vendor.type.js";
import type { Vendor } from "./vendor.type.js";

/**
 * Returns a page of the vendors that the viewer can see.
 * @throws BadUserInput if the filter, the page size or a cursor is not valid
 */
export function listVendors(ctx: Context, args: VendorsArgs): Promise<Page<Vendor>> {
  return tablePage(ctx, {
    list: "vendors",
    args,
    table: tables.vendors,
    where: and(visibleVendors(ctx.viewer, "vendor.read"), VendorFilter.toSql(args.filter)),
    orderBy: VendorOrder.resolve(args.orderBy, ["NAME", "ASC"]),
    toNode: toVendor,
  });
}

/** @throws BadUserInput, Conflict (idempotency key used with different input) */
export async function createVendor(ctx: Context, input: CreateVendorInput): Promise<VendorRow> {
  assertValid(input);
  return ctx.inTenant(async (tx) => {
    const { idempotencyKey, ...rest } = input;
    const { result } = await once(tx, ctx.meta, { mutation: "createVendor", key: idempotencyKey, input: { ...rest } }, async () => {
      const row = await insertVendor(tx, {
        tenantId: ctx.viewer.tenantId,
        id: newId(),
        code: input.code.trim(),
        name: input.name.trim(),
        email: input.email ?? null,
        phone: input.phone ?? null,
        categories: input.categories,
      });
      await recordChange(tx, ctx.meta, { event: { type: "vendor.created", payload: {} }, before: null, after: row });
      return { vendorId: row.id };
    });
    const row = await selectVendor(tx, result["vendorId"] ?? "");
    if (!row) throw new Error(`The vendor ${result["vendorId"]} was written but cannot be read.`);
    return row;
  });
}

/** @throws NotFound, BadUserInput, Conflict */
export async function updateVendor(ctx: Context, input: UpdateVendorInput): Promise<VendorRow> {
  assertValid(input);
  const changes = changesOf(input);
  return ctx.inTenant(async (tx) => {
    const before = await openVendor(ctx, tx, input, "vendor.update");
    const after = await updateVendorRow(tx, before.id, changes);
    await recordChange(tx, ctx.meta, { event: { type: "vendor.updated", payload: { changed: Object.keys(changes) } }, before, after });
    return after;
  });
}

/**
 * Deactivates a vendor. Its current work stays assigned to it. No change if the vendor is already inactive.
 * @throws NotFound, Conflict
 */
export async function deactivateVendor(ctx: Context, input: DeactivateVendorInput): Promise<VendorRow> {
  return ctx.inTenant(async (tx) => {
    const before = await openVendor(ctx, tx, input, "vendor.deactivate");
    if (before.status === "INACTIVE") return before;
    const after = await updateVendorRow(tx, before.id, { status: "INACTIVE" });
    await writeAudit(tx, ctx.meta, [{ action: "vendor.deactivate", entityType: "vendor", entityId: after.id, before, after }]);
    await appendEvents(tx, ctx.meta, [{ type: "vendor.deactivated", subjectId: after.id, subjectVersion: after.version, payload: {} }]);
    return after;
  });
}

/**
 * Locks and returns the vendor to change.
 * @throws NotFound if the viewer cannot change it; Conflict if its version is not the expected one
 */
async function openVendor(
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

/** Returns the changes. Omitted fields stay unchanged; null clears optional fields. */
function changesOf({ code, name, email, phone, categories }: UpdateVendorInput): VendorChanges {
  const changes: VendorChanges = {
    ...(typeof code === "string" && { code: code.trim() }),
    ...(typeof name === "string" && { name: name.trim() }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(categories && { categories }),
  };
  if (Object.keys(changes).length > 0) return changes;
  throw new BadUserInput([{ path: "input", message: "Nothing to change. Provide at least one of code, name, email, phone, categories." }]);
}

type Texts = Pick<UpdateVendorInput, "code" | "name" | "email" | "phone" | "categories">;

function assertValid({ code, name, email, phone, categories }: Texts): void {
  const problems: Problem[] = [
    ...textProblems("input.code", code, { max: 40 }),
    ...textProblems("input.name", name, { max: 200 }),
    ...(typeof email === "string" ? emailProblems("input.email", email) : []),
    ...textProblems("input.phone", phone, { max: 50 }),
    ...(categories ?? []).flatMap((category, i) => textProblems(`input.categories.${i}`, category, { max: 60 })),
  ];
  if ((categories ?? []).length > 50) problems.push({ path: "input.categories", message: "A vendor can have at most 50 categories." });
  if (problems.length > 0) throw new BadUserInput(problems);
}
