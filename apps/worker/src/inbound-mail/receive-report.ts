import type { Readable } from "node:stream";
import { applyMailReport, stateForReport } from "@weft/audit";
import type { RowRef } from "@weft/shared/ids";
import { COMPLAINTS, findBounceAddress, readBounceLocalPart } from "@weft/platform/mail";
import type { Services } from "@weft/platform/services";
import { LRUCache } from "lru-cache";
import { answer } from "./answer.js";
import type { ParseContent } from "./parse-content.js";
import { readReport } from "./read-report.js";

/** An address for reports: of one email, or that for complaints. */
export type ReportAddress = { readonly kind: "EMAIL"; readonly ref: RowRef } | { readonly kind: "COMPLAINTS" };

export interface ReportReceiver {
  /** Null if the local part is no address for reports. */
  readonly addressOf: (localPart: string) => ReportAddress | null;
  /** Returns why an address takes no report now. Nothing is counted. */
  readonly refusalAt: (address: ReportAddress) => Promise<Error | null>;
  /** Counts an email, reads it, and applies the report. Returns the error for the sending server if it cannot. */
  readonly receive: (address: ReportAddress, content: Readable) => Promise<Error | null>;
}

const HOUR_MS = 3_600_000;
/** Maximum number of emails to the address of one email, and of complaints, in about an hour and per process. */
const MAX_REPORTS = 10;
const MAX_COMPLAINTS = 600;
/** Reports can contain the email that they are about. Everybody knows the address for complaints, so large emails to it must not fill the memory. */
const MAX_REPORT_BYTES = 1024 * 1024;

/** Receives reports of mail servers and providers about emails. Null if this installation asks for none. */
export function reportReceiver(services: Services, parse: ParseContent): ReportReceiver | null {
  const { config, keys, log } = services;
  if (config.mail.bounces === undefined) return null;
  // Everybody who got an email knows its address for reports.
  const counts = new LRUCache<string, number>({ max: 10_000, ttl: HOUR_MS, noUpdateTTL: true });
  const keyOf = (address: ReportAddress): string => (address.kind === "EMAIL" ? address.ref.id : COMPLAINTS);
  const isAtLimit = (address: ReportAddress): boolean =>
    (counts.get(keyOf(address)) ?? 0) >= (address.kind === "EMAIL" ? MAX_REPORTS : MAX_COMPLAINTS);

  return {
    addressOf: (localPart) => {
      if (localPart.toLowerCase() === COMPLAINTS) return { kind: "COMPLAINTS" };
      const ref = readBounceLocalPart(keys.refresh, localPart);
      return ref && { kind: "EMAIL", ref };
    },
    refusalAt: async (address) => {
      if (isAtLimit(address)) return answer(450, "4.7.1 Too many emails were sent to this address. Try again later.");
      if (address.kind === "COMPLAINTS") return null;
      // Mail servers also ask without sending, for example while they accept the email that the address belongs to.
      return (await stateForReport(services, address.ref)) === "unknown" ? answer(550, "5.1.1 There is no such address.") : null;
    },
    receive: async (address, content) => {
      counts.set(keyOf(address), (counts.get(keyOf(address)) ?? 0) + 1);
      const parsed = await parse(content, address.kind === "EMAIL" ? address.ref.tenantId : COMPLAINTS, MAX_REPORT_BYTES);
      if (parsed instanceof Error) return parsed;
      const report = readReport(parsed);
      const ref = address.kind === "EMAIL" ? address.ref : findBounceAddress(config.mail, keys.refresh, parsed.report?.about ?? "");
      if (report === null || ref === null) {
        log.info({ tenantId: ref?.tenantId }, "an email to an address for reports was ignored");
        return null;
      }
      // The report was faster than the record that the email was sent.
      if ((await stateForReport(services, ref)) === "sending") return answer(451, "4.3.0 The email cannot be processed now.");
      await applyMailReport(services, ref, report);
      log.info({ tenantId: ref.tenantId, mailId: ref.id, result: report.kind }, "a report about an email was received");
      return null;
    },
  };
}
