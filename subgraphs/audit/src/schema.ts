import { defineSubgraph, LiveCursorResolver, type Subgraph, type SubgraphOptions } from "@weft/shared";
import { AuditReportResolver } from "./chain/audit-report.resolver.js";
import { AuditEntryResolver } from "./entries/audit-entry.resolver.js";
import { AuditEntry } from "./entries/audit-entry.type.js";
import { entityResolvers } from "./nodes/entity.resolver.js";
import { entityReferences, nodeTypes } from "./nodes/entity.type.js";
import { IntegrationCallResolver } from "./integrations/calls/call.resolver.js";
import { IntegrationResolver } from "./integrations/integration.resolver.js";
import { IntegrationTriggerResolver } from "./integrations/triggers/trigger.resolver.js";
import { NodeResolver } from "./nodes/node.resolver.js";
import { AuditVerificationResolver } from "./verifications/verification.resolver.js";
import { EventTypeResolver } from "./events/types/event-type.resolver.js";
import { EventResolver } from "./events/event.resolver.js";
import { InboundMessageResolver } from "./events/inbound/inbound-message.resolver.js";
import { InboundWebhookResolver } from "./events/inbound/inbound-webhook.resolver.js";
import { ParkedEventResolver } from "./parked-events/parked-event.resolver.js";
import { DeliveryQueueResolver, WebhookQueueResolver } from "./queues/queue.resolver.js";
import { WebhookDeliveryResolver } from "./webhooks/deliveries/delivery.resolver.js";
import { EventReplayResolver } from "./webhooks/replays/replay.resolver.js";
import { WebhookPayloadQueryResolver, WebhookResolver } from "./webhooks/webhook.resolver.js";
import { NotificationDeliveryResolver } from "./notifications/deliveries/delivery.resolver.js";
import { NotificationDestinationResolver } from "./notifications/destinations/destination.resolver.js";
import { TeamNotificationDestinationResolver } from "./notifications/destinations/team-destination.resolver.js";
import { NotificationPreferencesResolver } from "./notifications/preferences/preference.resolver.js";
import {
  NotificationRulePreviewExclusionResolver,
  NotificationRulePreviewRecipientResolver,
  NotificationRuleResolver,
} from "./notifications/rules/rule.resolver.js";
import { NotificationReceivedResolver } from "./notifications/notification.live.js";
import { UnreadNotificationCountChangedResolver } from "./notifications/unread-count.live.js";
import { NotificationResolver } from "./notifications/notification.resolver.js";
import { NotificationTemplateResolver, NotificationTemplateVersionResolver } from "./notifications/templates/template.resolver.js";
import { Notification } from "./notifications/notification.type.js";

/** The audit subgraph: audit entries and their chain, notifications, webhooks, the audit trail of every entity, and `node`. */
export const auditSubgraph = (options: SubgraphOptions = {}): Subgraph =>
  defineSubgraph({
    name: "audit",
    resolvers: {
      notifications: [
        NotificationResolver,
        NotificationReceivedResolver,
        UnreadNotificationCountChangedResolver,
        NotificationTemplateResolver,
        NotificationTemplateVersionResolver,
        NotificationDeliveryResolver,
        NotificationPreferencesResolver,
        NotificationDestinationResolver,
        TeamNotificationDestinationResolver,
        NotificationRuleResolver,
        NotificationRulePreviewRecipientResolver,
        NotificationRulePreviewExclusionResolver,
      ],
      events: [
        DeliveryQueueResolver,
        EventResolver,
        EventTypeResolver,
        EventReplayResolver,
        InboundMessageResolver,
        InboundWebhookResolver,
        ParkedEventResolver,
        WebhookPayloadQueryResolver,
        WebhookResolver,
        WebhookDeliveryResolver,
        WebhookQueueResolver,
      ],
      integrations: [IntegrationCallResolver, IntegrationResolver, IntegrationTriggerResolver],
      audit: [AuditEntryResolver, AuditReportResolver, AuditVerificationResolver],
      objects: [LiveCursorResolver, NodeResolver, ...entityResolvers],
    },
    orphanedTypes: [AuditEntry, Notification, ...nodeTypes],
    references: entityReferences,
    ...options,
  });
