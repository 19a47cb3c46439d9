import {
  auditEventUses,
  pastAuditExports,
  pastCalls,
  pastInboundMessages,
  pastNotificationDeliveries,
  pastTextMessages,
  pastWebhookDeliveries,
} from "@weft/audit";
import { pastFieldUses, pastLogoutTokens, pastProviderKeys, pastProviderLogins } from "@weft/identity";
import { pastExports, pastImports } from "@weft/requests";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { pastEvents } from "@weft/platform/events";
import { expiredKeys } from "@weft/platform/idempotency";
import { pastMails, pastTokens } from "@weft/platform/mail";
import { pastChallenges, pastGatewayReports, pastPendingLogins, surplusPasswords } from "@weft/platform/passwords";
import type { Services } from "@weft/platform/services";
import { pastWindows } from "@weft/platform/usage";
import { foldedWorkDays, pastRegistrationLinks } from "@weft/vendors";
import { pastCopies, pastLinks, pastShareUses, pastTriggerRuns, workflowsEventUses } from "@weft/workflows";

/**
 * Returns what deletes old data, in this order.
 * @param services with the consumers of events, which keep what they have not handled
 */
export function choresOf(services: Services & { readonly consumers: readonly { readonly name: string }[] }) {
  const { databases, keyring, secrets } = services;
  const consumers = services.consumers.map(({ name }) => name);
  const configOf = (tenantId: string) => effectiveConfigOf(services, tenantId);
  type Retention = Awaited<ReturnType<typeof configOf>>["retention"];
  const kept =
    (name: keyof Retention) =>
    async (tenantId: string): Promise<number> =>
      (await configOf(tenantId)).retention[name];
  return [
    expiredKeys(kept("idempotencyKeyHours")),
    pastWindows,
    pastMails,
    pastTokens,
    pastPendingLogins,
    pastChallenges,
    pastProviderLogins,
    pastLogoutTokens,
    pastProviderKeys({ databases, keyring, secrets }),
    pastGatewayReports,
    surplusPasswords(async (tenantId) => (await configOf(tenantId)).security.passwordHistory),
    pastCalls,
    pastCopies,
    pastLinks,
    pastTriggerRuns(kept("triggerRunDays")),
    pastShareUses(kept("shareUseDays")),
    pastFieldUses(kept("fieldUseDays")),
    pastWebhookDeliveries(kept("webhookDeliveryDays")),
    pastInboundMessages(kept("inboundMessageDays")),
    pastNotificationDeliveries(kept("notificationDeliveryDays")),
    // After what refers to events.
    pastEvents({ daysOf: kept("eventDays"), consumers, uses: [...auditEventUses, ...workflowsEventUses] }),
    pastTextMessages,
    pastImports,
    pastExports,
    pastAuditExports,
    pastRegistrationLinks,
    foldedWorkDays,
  ];
}
