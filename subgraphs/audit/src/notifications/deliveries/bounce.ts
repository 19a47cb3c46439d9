/** Reports about emails that a mail server had accepted: they came back, or their recipient has complained. */
import type { RowRef } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { destinationHash } from "@weft/platform/mail";
import type { Services } from "@weft/platform/services";
import { findReportable, reportMail, reportMessage, type ReportableState } from "./bounce.store.js";
import { insertSuppression } from "./send.store.js";

/** What became of an email. */
export interface MailReport {
  readonly kind: "BOUNCED" | "COMPLAINED";
  /** Whether nothing more is to be sent to the address: it does not exist, or its owner has complained. */
  readonly isAddressRefused: boolean;
  /** The address that did not get the email. Null if the report names none. */
  readonly finalRecipient: string | null;
  /** What the report says, in one line. Can contain the address. */
  readonly text: string;
}

/** Returns whether a report about an email can be applied. */
export const stateForReport = ({ databases }: Pick<Services, "databases">, { tenantId, id }: RowRef): Promise<ReportableState> =>
  asTenant(databases.app, { tenantId }, "read", (tx) => findReportable(tx, id));

/** Applies a report to a message of notifications, or to another email such as an invitation. Does nothing if it was applied before. */
export async function applyMailReport(
  { databases }: Pick<Services, "databases">,
  { tenantId, id }: RowRef,
  { kind, isAddressRefused, finalRecipient, text }: MailReport,
): Promise<void> {
  const error = text.slice(0, 500);
  await asTenant(databases.app, { tenantId }, "write", async (tx) => {
    const reported = (await reportMessage(tx, { id, status: kind, error })) ?? (await reportMail(tx, { id, error }));
    if (!isAddressRefused || reported === null || reported.addressHash === null) return;
    // The address forwards to the one that does not exist, or has been replaced since.
    if (finalRecipient !== null && destinationHash(finalRecipient) !== reported.addressHash) return;
    await insertSuppression(tx, { tenantId, userId: reported.userId, addressHash: reported.addressHash, reason: error });
  });
}
