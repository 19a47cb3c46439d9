import { asTenant, type Tx } from "@weft/platform/db";
import { metaOfWork, type WriteMeta } from "@weft/platform/events";
import { wakeMailSender } from "@weft/platform/mail";
import type { Services } from "@weft/platform/services";
import { mailAdministrators } from "../rights/administrator-mails.js";
import { findTexts } from "./dns.js";
import { recordDomainChange } from "./domain-change.js";
import { domainQueue, type DomainRow, lockDomain, recordDomainCheck, recordPeriodicCheck } from "./domain.store.js";
import { recordOf } from "./domain.type.js";

/** A domain whose record is missing stays verified for so long: providers of DNS have outages, and people make mistakes. */
const GRACE_DAYS = 7;
/** Domains that are checked at the same time. */
const BATCH = 10;

type Parts = Pick<Services, "config" | "databases" | "keyring" | "log" | "pubsub">;

/**
 * The periodic checks of verified domains, as a source of due work. A domain can be sold, or its zone replaced, and whoever verified it would still get its
 * users' logins. Administrators are told when a record is missing, and when the domain is no longer verified because of it.
 */
export function dueDomains({ config, databases, keyring, log, pubsub }: Parts) {
  /** Returns whether the name servers gave an answer. */
  async function check(domain: DomainRow): Promise<boolean> {
    const { tenantId, id } = domain;
    const { name, value } = recordOf(domain);
    const texts = await findTexts(config, name);
    // Name servers that do not answer say nothing. The domain is due again in an hour.
    if (texts === null) return false;
    const isMissing = !texts.includes(value);
    const isTold = await asTenant(databases.app, { tenantId }, "write", async (tx) => {
      const before = await lockDomain(tx, id);
      // An administrator has checked or removed it meanwhile.
      if (before === null || before.verifiedAt === null || before.version !== domain.version) return false;
      const isOver = isMissing && before.missingSince !== null && Date.parse(before.missingSince) < Date.now() - GRACE_DAYS * 86_400_000;
      if (!isOver) {
        const after = await recordPeriodicCheck(tx, { id, isMissing });
        if (!isMissing || before.missingSince !== null) return false;
        await tell(tx, after, lastDay(after.missingSince ?? ""));
        return true;
      }
      const after = await recordDomainCheck(tx, { id, isVerified: false }, () => new Error("A domain was released."));
      await recordDomainChange({ meta: metaOf(tenantId) }, tx, { action: "domain.verify", before, after });
      await tell(tx, after, null);
      return true;
    });
    if (isTold) {
      log.info({ tenantId, domain: id }, "the record of a verified domain is missing");
      wakeMailSender({ pubsub, log });
    }
    return true;
  }

  const metaOf = (tenantId: string): WriteMeta => metaOfWork("domains", tenantId, keyring);

  async function tell(tx: Tx, domain: DomainRow, until: string | null): Promise<void> {
    const { name, value } = recordOf(domain);
    await mailAdministrators({ config, log }, tx, metaOf(domain.tenantId), {
      template: "domainRecordMissing",
      valuesOf: (slug) => ({ slug, domain: domain.name, name, value, until }),
    });
  }

  return {
    name: "domains",
    ...domainQueue.searches,
    run: (tenantId: string, limit: number, signal: AbortSignal): Promise<number> =>
      domainQueue.takeTurn({ db: databases.app, tenantId, limit, batch: BATCH, signal }, check),
  };
}

/** Returns the last day on which a domain is verified, such as `2026-03-01`. */
const lastDay = (missingSince: string): string => new Date(Date.parse(missingSince) + GRACE_DAYS * 86_400_000).toISOString().slice(0, 10);
