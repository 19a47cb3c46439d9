import {
  announceConfiguration,
  BadUserInput,
  decodeId,
  encodeId,
  Forbidden,
  inOtherTenant,
  mapDatabaseError,
  newId,
  NotFound,
  once,
  quote,
  reachesAll,
  writeAudit,
} from "@weft/shared";
import type { Context, Tx, WriteMeta } from "@weft/shared";
import { adminProblems } from "../provisioning/open-tenant.js";
import { fillNewTenant } from "../provisioning/new-tenant.js";
import { slugProblems } from "../provisioning/slug.js";
import { announceRevocations } from "../revocations.js";
import { hashPassword } from "../sessions/password.js";
import type {
  CreateTenantInput,
  DeactivateTenantInput,
  ReactivateTenantInput,
  SetTenantPlanInput,
  UpdateTenantInput,
} from "../tenants/tenant.input.js";
import { deactivateTenant, moveOf, reasonProblems, writeTenantStatus } from "../tenants/tenant-status.service.js";
import type { TenantMove } from "../tenants/tenant-status.service.js";
import { findWrittenTenant, nameChange, updateTenant, writeNewTenant, writeTenantChange } from "../tenants/tenant.service.js";
import type { TenantRow } from "../tenants/tenant.service.js";
import { nameProblems } from "../users/user-problems.js";
import { findUserOfLogin } from "../users/user.service.js";
import { inTenantOf, metaInTenant } from "./in-tenant.js";

/** @throws BadUserInput (a taken slug on its path), Conflict (idempotency key with another input) */
export async function createTenant(ctx: Context, input: CreateTenantInput): Promise<TenantRow> {
  const wanted = checked(ctx, input);
  const { password, ...admin } = wanted.admin;
  const passwordHash = await hashPassword(password, ctx.services.config.passwordCost);
  const from = ctx.viewer.tenantId;
  return ctx.inTenant(async (tx) => {
    const call = { mutation: "createTenant", key: input.idempotencyKey ?? null, input: { ...wanted, admin } };
    const { result } = await once(tx, ctx.meta, call, async () => {
      const { name: operatorName } = await findUserOfLogin(tx, ctx.viewer.userId);
      const tenantId = newId();
      const row = await inOtherTenant(tx, { from, to: tenantId }, async (inside) => {
        const { slug, name, plan } = wanted;
        const made = await writeNewTenant(inside, { tenantId, slug, name, plan }).catch((error: unknown) => {
          throw mapDatabaseError(error, {
            tenants_slug_key: () => new BadUserInput([{ path: "input.slug", message: `The slug ${quote(slug)} is taken.` }]),
          });
        });
        const meta = await metaInTenant(ctx, inside, { tenantId, operatorName });
        await fillNewTenant(inside, meta, {
          row: made,
          admin: { ...admin, id: newId(), type: "EMPLOYEE", vendorId: null, passwordHash },
        });
        return made;
      });
      await recordAtHome(tx, ctx.meta, { action: "tenant.create", before: null, after: row });
      return { tenantId };
    });
    const tenantId = result["tenantId"] ?? "";
    return inOtherTenant(tx, { from, to: tenantId }, (inside) => findWrittenTenant(inside, tenantId));
  });
}

interface WantedTenant extends Pick<CreateTenantInput, "slug" | "name" | "plan"> {
  readonly admin: { readonly name: string; readonly email: string; readonly username: string; readonly password: string };
}

function checked(ctx: Context, input: CreateTenantInput): WantedTenant {
  const email = input.admin.email.normalize("NFKC").trim();
  const username = (input.admin.username ?? email.slice(0, Math.max(0, email.indexOf("@")))).normalize("NFKC").trim();
  const wanted = {
    slug: input.slug.trim().toLowerCase(),
    name: input.name.trim(),
    plan: input.plan,
    admin: { name: input.admin.name.trim(), email, username, password: input.admin.password },
  };
  const problems = [
    ...slugProblems(wanted.slug, "input.slug"),
    ...nameProblems(wanted.name),
    ...adminProblems(ctx.services, wanted.admin, "input.admin."),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return wanted;
}

/** Of one's own tenant with tenant.update, of any with platform.update. @throws NotFound, Forbidden, BadUserInput, Conflict */
export async function updateAnyTenant(ctx: Context, input: UpdateTenantInput): Promise<TenantRow> {
  const tenantId = otherTenantOf(ctx, input.tenantId);
  if (tenantId === null) return updateTenant(ctx, input);
  const changes = nameChange(input.name);
  const change = { action: "tenant.update", changes, expectedVersion: input.expectedVersion ?? null };
  return operate(ctx, { tenantId, action: change.action }, (tx, meta, before) => writeTenantChange(tx, meta, before, change));
}

/** Of one's own tenant with tenant.update, of any with platform.update. @throws NotFound, Forbidden, BadUserInput, Conflict */
export async function deactivateAnyTenant(ctx: Context, input: DeactivateTenantInput): Promise<TenantRow> {
  const tenantId = otherTenantOf(ctx, input.tenantId);
  return tenantId === null ? deactivateTenant(ctx, input) : move(ctx, tenantId, input, "deactivate");
}

/** Reactivates, archives or restores a tenant. @throws NotFound, BadUserInput, Conflict */
export function moveTenantTo(ctx: Context, input: ReactivateTenantInput, kind: TenantMove["kind"]): Promise<TenantRow> {
  return move(ctx, decodeId("tenant", input.tenantId, "input.tenantId"), input, kind);
}

async function move(
  ctx: Context,
  tenantId: string,
  { reason, expectedVersion = null }: Pick<ReactivateTenantInput, "reason" | "expectedVersion">,
  kind: TenantMove["kind"],
): Promise<TenantRow> {
  assertReason(reason);
  const change = { move: await moveOf(ctx.services, tenantId, kind), reason, expectedVersion };
  const row = await operate(ctx, { tenantId, action: `tenant.${kind}`, reason }, (tx, meta) => writeTenantStatus(tx, meta, change));
  await announceRevocations(ctx.services, [{ tenantId }]);
  return row;
}

/** The limits of the new plan count from the commit on. @throws NotFound, BadUserInput, Conflict */
export async function setTenantPlan(ctx: Context, input: SetTenantPlanInput): Promise<TenantRow> {
  const tenantId = decodeId("tenant", input.tenantId, "input.tenantId");
  const { plan, reason, expectedVersion = null } = input;
  assertReason(reason);
  const change = { action: "tenant.setPlan", changes: { plan }, reason: reason.trim(), expectedVersion };
  const { action } = change;
  const row = await operate(ctx, { tenantId, action, reason }, (tx, meta, before) => writeTenantChange(tx, meta, before, change));
  await announceConfiguration(ctx.services, tenantId);
  return row;
}

/** The UUID of another tenant than the viewer's; null for his own, whose administrator he must be. */
function otherTenantOf({ viewer }: Context, id: string | null | undefined): string | null {
  const tenantId = typeof id === "string" ? decodeId("tenant", id, "input.tenantId") : viewer.tenantId;
  if (tenantId !== viewer.tenantId && reachesAll(viewer, "platform.update")) return tenantId;
  // Whether there is another tenant with this id is nobody's business who may not look over tenants.
  if (tenantId !== viewer.tenantId) throw new NotFound("Tenant", encodeId("tenant", tenantId));
  if (!reachesAll(viewer, "tenant.update")) throw new Forbidden("None of your roles has the permission tenant.update in scope TENANT.");
  return null;
}

/** A change of a tenant by an operator, with an audit entry there and one at home, in one transaction. */
function operate(
  ctx: Context,
  { tenantId, action, reason }: { readonly tenantId: string; readonly action: string; readonly reason?: string },
  change: (tx: Tx, meta: WriteMeta, before: TenantRow) => Promise<TenantRow>,
): Promise<TenantRow> {
  return ctx.inTenant(async (tx) => {
    const { before, after } = await inTenantOf(ctx, tx, tenantId, async (inside, meta, row) => ({
      before: row,
      after: await change(inside, meta, row),
    }));
    if (after.version !== before.version)
      await recordAtHome(tx, ctx.meta, { action, before, after, ...(reason !== undefined && { reason }) });
    return after;
  });
}

async function recordAtHome(
  tx: Tx,
  meta: WriteMeta,
  { action, before, after, reason }: { action: string; before: TenantRow | null; after: TenantRow; reason?: string },
): Promise<void> {
  const image = reason === undefined ? after : { ...after, reason: reason.trim() };
  await writeAudit(tx, meta, [{ action, entityType: "tenant", entityId: after.tenantId, before, after: image }]);
}

function assertReason(reason: string): void {
  const problems = reasonProblems(reason);
  if (problems.length > 0) throw new BadUserInput(problems);
}
