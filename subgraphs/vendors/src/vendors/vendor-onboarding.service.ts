import { Conflict } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { openVendor } from "./vendor.service.js";
import { getWrittenVendor, updateVendorStatus } from "./vendor.store.js";
import type { VendorRow } from "./vendor.store.js";
import { VendorStatus } from "./vendor.type.js";

import { giveOnboarding, startOnboarding } from "./start-onboarding.js";

const { REJECTED, INACTIVE, ONBOARDING } = VendorStatus;

/**
 * Starts another onboarding of a vendor that was rejected or deactivated.
 * @throws NotFound, BadUserInput (no definition), Conflict (version; status; idempotency key with different input)
 */
export async function startVendorOnboarding(ctx: Context, input: KeyedVersionedIdInput): Promise<VendorRow> {
  const { idempotencyKey: key, ...rest } = input;
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "startVendorOnboarding", key, input: rest }, async () => {
      const before = await openVendor(ctx, tx, input, "vendor.create");
      if (before.status !== REJECTED && before.status !== INACTIVE) {
        throw new Conflict(`The vendor is ${before.status}. Only vendors with the status REJECTED or INACTIVE can start an onboarding.`, {
          currentState: before.status,
        });
      }
      const onboarding = await startOnboarding(tx, ctx, before, "input.id");
      const { instanceId } = onboarding;
      const after = await updateVendorStatus(tx, before.id, { status: ONBOARDING, statusReason: null, instanceId });
      await writeAudit(tx, ctx.meta, [{ action: "vendor.start_onboarding", entityType: "vendor", entityId: after.id, before, after }]);
      await appendEvents(tx, ctx.meta, [
        {
          type: "vendor.onboarding_started",
          subjectId: after.id,
          subjectVersion: after.version,
          related: { instance: instanceId },
          payload: {},
        },
      ]);
      await giveOnboarding(tx, ctx.meta, after, onboarding);
      return { vendorId: after.id };
    });
    return getWrittenVendor(tx, decodeId("vendor", input.id, "input.id"));
  });
}
