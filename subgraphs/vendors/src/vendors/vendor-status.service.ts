import { Conflict } from "@weft/shared/errors";
import type { Permission } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { assertText, type VersionedIdInput } from "@weft/api/inputs";
import type { VendorStatusInput } from "./vendor-status.input.js";
import { openVendor } from "./vendor.service.js";
import { updateVendorStatus } from "./vendor.store.js";
import type { VendorRow } from "./vendor.store.js";
import { VendorStatus } from "./vendor.type.js";

const { ACTIVE, SUSPENDED, BLOCKED, INACTIVE } = VendorStatus;

interface StatusChange {
  readonly permission: Permission;
  readonly from: readonly VendorStatus[];
  readonly to: VendorStatus;
  readonly event: "vendor.suspended" | "vendor.blocked" | "vendor.reinstated" | "vendor.deactivated";
  readonly action: string;
}

const suspension = {
  permission: "vendor.approve",
  from: [ACTIVE],
  to: SUSPENDED,
  event: "vendor.suspended",
  action: "vendor.suspend",
} as const;
const blocking = {
  permission: "vendor.approve",
  from: [ACTIVE, SUSPENDED, INACTIVE],
  to: BLOCKED,
  event: "vendor.blocked",
  action: "vendor.block",
} as const;
const reinstatement = {
  permission: "vendor.approve",
  from: [SUSPENDED, BLOCKED, INACTIVE],
  to: ACTIVE,
  event: "vendor.reinstated",
  action: "vendor.reinstate",
} as const;
// Not a vendor in onboarding or a rejected one: reinstated later, it would be active without approval.
const deactivation = {
  permission: "vendor.deactivate",
  from: [ACTIVE, SUSPENDED, BLOCKED],
  to: INACTIVE,
  event: "vendor.deactivated",
  action: "vendor.deactivate",
} as const;

/** @throws NotFound, BadUserInput, Conflict (also if the vendor has another status) */
export const suspendVendor = (ctx: Context, input: VendorStatusInput): Promise<VendorRow> => changeWithReason(ctx, input, suspension);
/** @throws NotFound, BadUserInput, Conflict (also if the vendor has another status) */
export const blockVendor = (ctx: Context, input: VendorStatusInput): Promise<VendorRow> => changeWithReason(ctx, input, blocking);
/** @throws NotFound, BadUserInput, Conflict (also if the vendor has another status) */
export const reinstateVendor = (ctx: Context, input: VendorStatusInput): Promise<VendorRow> => changeWithReason(ctx, input, reinstatement);

/**
 * Deactivates a vendor. Its current work stays assigned to it. No change if the vendor is already inactive.
 * @throws NotFound, Conflict (also if the vendor has another status)
 */
export const deactivateVendor = (ctx: Context, input: VersionedIdInput): Promise<VendorRow> =>
  changeStatus(ctx, input, { ...deactivation, reason: null });

function changeWithReason(ctx: Context, input: VendorStatusInput, change: StatusChange): Promise<VendorRow> {
  assertText({ reason: input.reason }, { reason: { max: 1000, hasLines: true } });
  return changeStatus(ctx, input, { ...change, reason: input.reason.trim() });
}

type ReasonedChange = StatusChange & { readonly reason: string | null };

async function changeStatus(ctx: Context, input: VersionedIdInput, change: ReasonedChange): Promise<VendorRow> {
  return ctx.inTenant(async (tx) => {
    const before = await openVendor(ctx, tx, input, change.permission);
    if (change.to === INACTIVE && before.status === INACTIVE) return before;
    if (!change.from.includes(before.status as VendorStatus)) throw wrongStatus(before.status, change);
    const after = await updateVendorStatus(tx, before.id, { status: change.to, statusReason: change.reason });
    await writeAudit(tx, ctx.meta, [{ action: change.action, entityType: "vendor", entityId: after.id, before, after }]);
    await appendEvents(tx, ctx.meta, [{ type: change.event, subjectId: after.id, subjectVersion: after.version, payload: {} }]);
    return after;
  });
}

const wrongStatus = (status: string, { from, to }: StatusChange): Conflict =>
  new Conflict(`The vendor is ${status}. Only vendors with the status ${inWords(from)} can become ${to}.`, { currentState: status });

const inWords = (statuses: readonly string[]): string => new Intl.ListFormat("en", { type: "disjunction" }).format(statuses);
