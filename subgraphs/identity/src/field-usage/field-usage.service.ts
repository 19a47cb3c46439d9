import { decodeId } from "@weft/shared/ids";
import { reachesAll } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import type { FieldUsageFilter } from "./field-usage.input.js";
import { type FieldUseRow, selectFieldUses, type UsesToCount } from "./field-usage.store.js";

/** Rows that are returned. What is deprecated comes first, so narrower filters are needed for details only. */
const maxRows = 1_000;
const defaultDays = 30;
const dayMs = 86_400_000;

/**
 * Returns which clients used which elements of the API: of all tenants for viewers who can read all tenants, otherwise of the viewer's tenant.
 * @throws BadUserInput
 */
export async function readFieldUsage(ctx: Context, filter: FieldUsageFilter): Promise<FieldUseRow[]> {
  const { viewer, services } = ctx;
  const tenantId = typeof filter.tenantId === "string" ? decodeId("tenant", filter.tenantId, "filter.tenantId") : null;
  const seesAll = reachesAll(viewer, "platform.read");
  const wanted: UsesToCount = {
    coordinate: filter.coordinate ?? null,
    type: filter.type ?? null,
    isDeprecated: filter.isDeprecated ?? null,
    clientName: filter.clientName ?? null,
    since: (filter.since ?? new Date(Date.now() - defaultDays * dayMs).toISOString()).slice(0, 10),
    tenantId,
    limit: maxRows,
  };
  return seesAll
    ? services.databases.auth.begin((tx) => selectFieldUses(tx, wanted), "read")
    : ctx.read((tx) => selectFieldUses(tx, wanted));
}
