import { identity } from "@weft/drizzle";
import { afterCommit, dueInTrueTime, type Tx } from "@weft/platform/db";
import { metaOfWork, type WriteMeta } from "@weft/platform/events";
import { wakeMailSender } from "@weft/platform/mail";
import { doInBatches } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import { mailSecurityNotice } from "../notices/security-notice.js";
import { mailAdministrators } from "../rights/administrator-mails.js";
import { type ExpiringKey, postponeReminders, takeDueKeys } from "./api-key.store.js";

/** Keys of one transaction, which writes an email to each of their people. */
const BATCH = 50;

type Parts = Pick<Services, "config" | "databases" | "keyring" | "log" | "pubsub">;

/**
 * The reminders of API keys that expire, as a source of due work. 14 days before, and a day before, an email goes to the owner of a key, or to whoever
 * created the key of a service account; if they cannot log in any more, to administrators. One email lists all keys of a batch. A limit of emails
 * postpones it.
 */
export function dueApiKeys({ config, databases, keyring, log, pubsub }: Parts) {
  const services = { config } as Services;

  async function tell(tx: Tx, meta: WriteMeta, expiring: readonly ExpiringKey[]): Promise<void> {
    const byPerson = Map.groupBy(expiring, ({ personId }) => personId);
    for (const [personId, keys] of byPerson) {
      const listed = keys.map(({ hint, expiresAt }) => ({ hint, expiresAt: timeOf(expiresAt) }));
      const email = keys[0]?.email ?? null;
      const wait =
        personId !== null && email !== null
          ? await mailSecurityNotice({ services, log }, tx, meta, { id: personId, email }, { template: "apiKeysExpiring", keys: listed })
          : await mailAdministrators({ config, log }, tx, meta, {
              template: "apiKeysExpiring",
              valuesOf: (slug) => ({ slug, keys: listed }),
            });
      // Nothing else would tell them, for example if many keys were created on one day.
      if (wait !== null)
        await postponeReminders(
          tx,
          keys.map(({ id }) => id),
          wait,
        );
    }
  }

  return {
    name: "apiKeys",
    ...dueInTrueTime({ name: "Key", dueAt: identity.apiKeys.remindAt }),
    run: (tenantId: string, limit: number, signal: AbortSignal): Promise<number> => {
      const meta = metaOfWork("apiKeys", tenantId, keyring);
      return doInBatches({ db: databases.app, tenantId, limit, batch: BATCH, signal }, async (tx, size) => {
        const { count, expiring } = await takeDueKeys(tx, size);
        await tell(tx, meta, expiring);
        if (count > 0) afterCommit(tx, () => wakeMailSender({ pubsub, log }));
        return count;
      });
    },
  };
}

/** Such as `2026-03-01 09:30 UTC`. */
const timeOf = (at: string): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
