import { defineSubgraph, joinModules, type Subgraph, type SubgraphOptions } from "@weft/api/subgraph";
import { AuditEntry } from "./entries/audit-entry.type.js";
import { nodeTypes } from "./nodes/entity.type.js";
import { Notification } from "./notifications/notification.type.js";
import * as modules from "./modules.js";

/** The audit subgraph: audit entries and their chain, notifications, webhooks, the audit trail of every entity, and `node`. */
export const auditSubgraph = (options: SubgraphOptions = {}): Subgraph =>
  defineSubgraph({
    ...joinModules(modules),
    name: "audit",
    orphanedTypes: [AuditEntry, Notification, ...nodeTypes],
    ...options,
  });
