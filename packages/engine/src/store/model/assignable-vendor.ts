import { BadUserInput, quote } from "@weft/shared/errors";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import { assertVendorCapacity, type VendorWorkKind } from "./vendor-capacity.js";

interface VendorForWork extends Record<string, unknown> {
  readonly name: string;
  readonly status: string;
  readonly reason: string | null;
  /** Required documents that the vendor lacks. Null if it lacks none. */
  readonly missing: readonly MissingDocument[] | null;
}

/** A required document that a vendor lacks. */
export type MissingDocument = {
  readonly kind: string;
  readonly reason: "MISSING" | "EXPIRED" | "NOT_REVIEWED" | "REJECTED";
  /** Null if there is no document of the kind. */
  readonly title: string | null;
  /** End of the last accepted one. Null if there is none. */
  readonly expiredAt: string | null;
};

/**
 * Asserts that new work can be assigned to a vendor. Every assignment to a vendor calls this. The vendor stays locked until commit, so that it cannot be
 * suspended, and none of its documents rejected or removed, at the same time.
 * @param kind what is assigned. Null: the vendor has it already, so that its capacity does not matter
 * @throws BadUserInput at `path`, with the reason
 */
export async function assertVendorTakesWork(tx: Tx, vendorId: string, path: string, kind: VendorWorkKind | null): Promise<void> {
  const [vendor] = await tx.execute<VendorForWork>(
    named(
      "lockVendorForWork",
      sql`select name, status, status_reason as reason, missing_documents as missing from vendors.lock_for_work(${vendorId}::uuid)`,
    ),
  );
  const message = vendor ? refusalOf(vendor) : "No vendor with this ID exists.";
  if (message !== null) throw new BadUserInput([{ path, message }]);
  if (vendor && kind !== null) await assertVendorCapacity(tx, { vendorId, vendorName: vendor.name, path, kind });
}

/** Returns why a vendor gets no new work. Null if it does. */
function refusalOf({ name, status, reason, missing }: VendorForWork): string | null {
  const vendor = `The vendor ${quote(name)}`;
  const because = reason === null ? "." : `: ${reason}`;
  switch (status) {
    case "ACTIVE":
      return missing === null ? null : `${vendor} gets no new work: ${missing.map(lackOf).join("; ")}.`;
    case "ONBOARDING":
      return `${vendor} is in onboarding. It gets work after its approval.`;
    case "REJECTED":
      return `${vendor} was rejected in its onboarding${because}`;
    default:
      return `${vendor} is ${status.toLowerCase()}${because}`;
  }
}

/** Returns what a vendor lacks, as a clause about it. */
export function lackOf({ kind, reason, title, expiredAt }: MissingDocument): string {
  const document = title === null ? kind : `${kind} (${quote(title)})`;
  const earlier = expiredAt === null ? "" : `, and the earlier one expired at ${expiredAt}`;
  switch (reason) {
    case "MISSING":
      return `its required document ${kind} is missing`;
    case "EXPIRED":
      return `its required document ${document} expired${expiredAt === null ? " before it was accepted" : ` at ${expiredAt}`}`;
    case "NOT_REVIEWED":
      return `its required document ${document} is not reviewed yet${earlier}`;
    case "REJECTED":
      return `its required document ${document} was rejected`;
    default:
      throw new Error(`unknown reason ${String(reason satisfies never)}`);
  }
}
