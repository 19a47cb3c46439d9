import { BadUserInput, named, quote, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";

interface VendorForWork extends Record<string, unknown> {
  readonly name: string;
  readonly status: string;
  readonly reason: string | null;
}

/**
 * Asserts that new work can be assigned to a vendor. Every assignment to a vendor calls this. The vendor stays locked until commit, so that it cannot be
 * suspended at the same time.
 * @throws BadUserInput at `path`, with the reason
 */
export async function assertVendorTakesWork(tx: Tx, vendorId: string, path: string): Promise<void> {
  const [vendor] = await tx.execute<VendorForWork>(
    named("lockVendorForWork", sql`select name, status, status_reason as reason from vendors.lock_for_work(${vendorId}::uuid)`),
  );
  const message = vendor ? refusalOf(vendor) : "No vendor with this ID exists.";
  if (message !== null) throw new BadUserInput([{ path, message }]);
}

/** Returns why a vendor gets no new work. Null if it does. */
function refusalOf({ name, status, reason }: VendorForWork): string | null {
  const vendor = `The vendor ${quote(name)}`;
  const because = reason === null ? "." : `: ${reason}`;
  switch (status) {
    case "ACTIVE":
      return null;
    case "ONBOARDING":
      return `${vendor} is in onboarding. It gets work after its approval.`;
    case "REJECTED":
      return `${vendor} was rejected in its onboarding${because}`;
    default:
      return `${vendor} is ${status.toLowerCase()}${because}`;
  }
}
