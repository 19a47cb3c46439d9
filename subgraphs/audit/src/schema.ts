import { defineSubgraph, LiveCursorResolver, type Subgraph, type SubgraphOptions } from "@weft/shared";
import { AuditReportResolver } from "./chain/audit-report.resolver.js";
import { AuditEntryResolver } from "./entries/audit-entry.resolver.js";
import { AuditEntry } from "./entries/audit-entry.type.js";
import { entityResolvers } from "./nodes/entity.resolver.js";
import { entityReferences, entityTypes } from "./nodes/entity.type.js";
import { NodeResolver } from "./nodes/node.resolver.js";
import { AuditVerificationResolver } from "./verifications/verification.resolver.js";
import { NotificationReceivedResolver } from "./notifications/notification.live.js";
import { NotificationResolver } from "./notifications/notification.resolver.js";
import { Notification } from "./notifications/notification.type.js";

/** The audit subgraph: audit entries and their chain, notifications, the audit trail of every entity, and `node`. */
export const auditSubgraph = (options: SubgraphOptions = {}): Subgraph =>
  defineSubgraph({
    name: "audit",
    resolvers: [
      AuditEntryResolver,
      AuditReportResolver,
      AuditVerificationResolver,
      LiveCursorResolver,
      NodeResolver,
      NotificationResolver,
      NotificationReceivedResolver,
      ...entityResolvers,
    ],
    orphanedTypes: [AuditEntry, Notification, ...entityTypes],
    references: entityReferences,
    ...options,
  });
