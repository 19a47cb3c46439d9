import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { announceConfiguration } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { inTenantOf } from "../operators/in-tenant.js";
import type { ConfigurationChangeInput, UpdateContractConfigurationInput } from "./configuration.input.js";
import { assertChange, changeOf } from "./configuration.service.js";
import { findVersion } from "./configuration.store.js";
import type { Place, Present, VersionRow } from "./configuration.store.js";
import { assertMayChangeShared } from "./protected-settings.js";
import { type Change, imageOf, writeVersion } from "./write-version.js";

const action = "configuration.update";

const allowedTo = (ctx: Context, place: Place) => (_tx: Tx, change: Change) => assertMayChangeShared(ctx, place, change);

/**
 * Writes the next version of the configuration of the platform or a plan. The caller's rule requires platform.update.
 * @throws BadUserInput, Conflict
 */
export function updateSharedConfiguration(ctx: Context, place: Place, input: ConfigurationChangeInput): Promise<Present> {
  const mutation = place.level === "PLAN" ? "updatePlanConfiguration" : "updatePlatformConfiguration";
  return update(ctx, place, input, { mutation, concerns: null }, async (tx) => {
    const { row } = await writeVersion(tx, ctx.meta, { place, action, ...changeOf(input), assertAllowed: allowedTo(ctx, place) });
    return row;
  });
}

/**
 * Writes the next version of a tenant's contract on behalf of the operator user of the tenant, with audit entries in the tenant and the platform
 * tenant, in one transaction. The caller's rule requires platform.update.
 * @throws NotFound (tenant), BadUserInput, Conflict
 */
export function updateContractConfiguration(ctx: Context, input: UpdateContractConfigurationInput): Promise<Present> {
  const tenantId = decodeId("tenant", input.tenantId, "input.tenantId");
  const place: Place = { level: "CONTRACT", subject: tenantId };
  return update(ctx, place, input, { mutation: "updateContractConfiguration", concerns: tenantId }, async (tx) => {
    const { row, before, isNew } = await inTenantOf(ctx, tx, tenantId, (inside, meta) =>
      writeVersion(inside, meta, { place, action, ...changeOf(input), assertAllowed: allowedTo(ctx, place) }),
    );
    if (isNew && row)
      await writeAudit(tx, ctx.meta, [
        { action, entityType: "tenant", entityId: tenantId, before: before && imageOf(before), after: imageOf(row) },
      ]);
    return row;
  });
}

async function update(
  ctx: Context,
  place: Place,
  input: ConfigurationChangeInput,
  { mutation, concerns }: { mutation: string; concerns: string | null },
  write: (tx: Tx) => Promise<VersionRow | null>,
): Promise<Present> {
  assertChange(input);
  const { idempotencyKey, ...rest } = input;
  const row = await ctx.inTenant(async (tx) => {
    let written: VersionRow | null = null;
    const { result, replayed } = await once(tx, ctx.meta, { mutation, key: idempotencyKey, input: { ...rest } }, async () => {
      written = await write(tx);
      return { version: String(written?.version ?? 0) };
    });
    if (!replayed) return written;
    const find = (inside: Tx) => findVersion(inside, place, Number(result["version"]));
    return concerns === null ? find(tx) : inTenantOf(ctx, tx, concerns, find);
  });
  await announceConfiguration(ctx.services, concerns);
  return { place, row };
}
