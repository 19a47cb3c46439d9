/** A kind of object that has an ID. */
interface ObjectType {
  /** Prefix of its TypeIDs. Prefixes are public and never change. */
  readonly prefix: string;
  /** GraphQL type. Absent if the type is not an entity of the supergraph. */
  readonly typeName?: string;
  /** Table of its rows, as `schema.table`. */
  readonly table: string;
  /**
   * - `entity`: events and audit entries can be about it, it has an `auditTrail`, and `node` resolves it through its owning subgraph
   * - `node`: `node` resolves it through its owning subgraph; events and audit entries about it are about another object
   * - `subject`: events and audit entries can be about it
   * - `record`: describes another object
   */
  readonly role: "entity" | "node" | "subject" | "record";
}

/**
 * Every kind of object. ID types, event subjects, audited types, references of the audit subgraph and the isolation tests are derived from this list.
 * An aggregate is an `entity`.
 */
export const objectTypes = {
  tenant: { prefix: "ten", typeName: "Tenant", table: "identity.tenants", role: "entity" },
  user: { prefix: "usr", typeName: "User", table: "identity.users", role: "entity" },
  team: { prefix: "tem", typeName: "Team", table: "identity.teams", role: "entity" },
  role: { prefix: "rol", typeName: "Role", table: "identity.roles", role: "entity" },
  identityProvider: { prefix: "idp", typeName: "IdentityProvider", table: "identity.identity_providers", role: "subject" },
  domain: { prefix: "dom", typeName: "Domain", table: "identity.domains", role: "subject" },
  userIdentity: { prefix: "uid", typeName: "UserIdentity", table: "identity.user_identities", role: "record" },
  session: { prefix: "ses", typeName: "Session", table: "identity.sessions", role: "subject" },
  apiKey: { prefix: "key", table: "identity.api_keys", role: "subject" },
  passkey: { prefix: "psk", table: "identity.passkeys", role: "record" },
  definition: { prefix: "wfd", typeName: "Definition", table: "workflows.definitions", role: "entity" },
  instance: { prefix: "wfi", typeName: "WorkflowInstance", table: "workflows.instances", role: "entity" },
  history: { prefix: "wfh", typeName: "HistoryEntry", table: "workflows.history", role: "record" },
  task: { prefix: "tsk", typeName: "Task", table: "workflows.tasks", role: "entity" },
  taskComment: { prefix: "cmt", typeName: "TaskComment", table: "workflows.task_comments", role: "entity" },
  internalComment: { prefix: "icm", table: "workflows.internal_comments", role: "subject" },
  absence: { prefix: "abs", typeName: "Absence", table: "workflows.absences", role: "entity" },
  incident: { prefix: "inc", typeName: "Incident", table: "workflows.incidents", role: "entity" },
  run: { prefix: "run", typeName: "Run", table: "workflows.runs", role: "node" },
  runStep: { prefix: "rst", typeName: "RunStep", table: "workflows.run_steps", role: "record" },
  modelProvider: { prefix: "mdp", table: "workflows.model_providers", role: "subject" },
  agent: { prefix: "agt", table: "workflows.agents", role: "subject" },
  agentCall: { prefix: "agc", table: "workflows.agent_calls", role: "record" },
  agentToolCall: { prefix: "atc", table: "workflows.agent_tool_calls", role: "subject" },
  secret: { prefix: "sec", table: "workflows.secrets", role: "subject" },
  securityProfile: { prefix: "spf", table: "workflows.security_profiles", role: "subject" },
  definitionShare: { prefix: "dsh", table: "workflows.definition_shares", role: "subject" },
  definitionShareUse: { prefix: "dsu", table: "workflows.definition_share_uses", role: "record" },
  timer: { prefix: "tmr", typeName: "WorkflowTimer", table: "workflows.timers", role: "record" },
  routingRule: { prefix: "rtr", typeName: "RoutingRule", table: "workflows.routing_rules", role: "entity" },
  schedule: { prefix: "sch", typeName: "Schedule", table: "workflows.schedules", role: "entity" },
  trigger: { prefix: "trg", typeName: "Trigger", table: "workflows.triggers", role: "entity" },
  triggerRun: { prefix: "trr", table: "workflows.trigger_runs", role: "record" },
  triggerReplay: { prefix: "trp", table: "workflows.trigger_replays", role: "record" },
  clockAdvance: { prefix: "cad", table: "identity.clock_advances", role: "record" },
  slaClock: { prefix: "slc", typeName: "SlaClock", table: "workflows.sla_clocks", role: "record" },
  slaPolicy: { prefix: "slp", typeName: "SlaPolicy", table: "workflows.sla_policies", role: "entity" },
  slaRecomputation: { prefix: "slr", table: "workflows.sla_recomputations", role: "record" },
  escalation: { prefix: "esc", typeName: "Escalation", table: "workflows.escalations", role: "record" },
  bulkOperation: { prefix: "blk", typeName: "BulkOperation", table: "workflows.bulk_operations", role: "entity" },
  requestType: { prefix: "rqt", typeName: "RequestType", table: "requests.request_types", role: "entity" },
  request: { prefix: "req", typeName: "Request", table: "requests.requests", role: "entity" },
  requestComment: { prefix: "rqc", typeName: "RequestComment", table: "requests.comments", role: "entity" },
  vendorOffer: { prefix: "vof", table: "requests.vendor_offers", role: "subject" },
  building: { prefix: "bld", typeName: "Building", table: "requests.buildings", role: "entity" },
  assetType: { prefix: "aty", typeName: "AssetType", table: "requests.asset_types", role: "entity" },
  space: { prefix: "spc", typeName: "Space", table: "requests.spaces", role: "entity" },
  asset: { prefix: "ast", typeName: "Asset", table: "requests.assets", role: "entity" },
  requestFormLink: { prefix: "rfl", table: "requests.request_form_links", role: "subject" },
  inboundMailAddress: { prefix: "ima", table: "requests.inbound_mail_addresses", role: "subject" },
  meter: { prefix: "mtr", typeName: "Meter", table: "requests.meters", role: "entity" },
  meterReading: { prefix: "mrd", typeName: "MeterReading", table: "requests.meter_readings", role: "record" },
  maintenancePlan: { prefix: "mpl", typeName: "MaintenancePlan", table: "requests.maintenance_plans", role: "entity" },
  maintenanceOccurrence: { prefix: "moc", typeName: "MaintenanceOccurrence", table: "requests.maintenance_occurrences", role: "record" },
  file: { prefix: "fil", typeName: "File", table: "app.files", role: "subject" },
  attachment: { prefix: "att", typeName: "Attachment", table: "app.attachments", role: "subject" },
  export: { prefix: "exp", table: "app.exports", role: "subject" },
  import: { prefix: "imp", table: "app.imports", role: "subject" },
  notificationTemplate: { prefix: "ntt", table: "audit.notification_templates", role: "subject" },
  savedView: { prefix: "svw", table: "app.saved_views", role: "subject" },
  vendor: { prefix: "vnd", typeName: "Vendor", table: "vendors.vendors", role: "entity" },
  contract: { prefix: "ctr", typeName: "Contract", table: "vendors.contracts", role: "entity" },
  contractObligation: { prefix: "cob", table: "vendors.contract_obligations", role: "subject" },
  vendorDocument: { prefix: "vdo", typeName: "VendorDocument", table: "vendors.documents", role: "entity" },
  vendorRating: { prefix: "vrt", table: "vendors.ratings", role: "subject" },
  vendorContact: { prefix: "vct", table: "vendors.vendor_contacts", role: "subject" },
  vendorRegistrationLink: { prefix: "vrl", table: "vendors.registration_links", role: "subject" },
  project: { prefix: "prj", typeName: "Project", table: "vendors.projects", role: "entity" },
  projectVendor: { prefix: "pvn", table: "vendors.project_vendors", role: "subject" },
  projectTask: { prefix: "ptk", typeName: "ProjectTask", table: "vendors.project_tasks", role: "entity" },
  projectTaskReport: { prefix: "ptr", typeName: "ProjectTaskReport", table: "vendors.project_task_reports", role: "record" },
  taskDependency: { prefix: "tdp", typeName: "TaskDependency", table: "vendors.project_task_dependencies", role: "subject" },
  scopeItem: { prefix: "sci", typeName: "ScopeItem", table: "vendors.scope_items", role: "subject" },
  scopeVersion: { prefix: "scv", typeName: "ScopeVersion", table: "vendors.scope_versions", role: "subject" },
  scopeChange: { prefix: "scc", typeName: "ScopeChange", table: "vendors.scope_changes", role: "entity" },
  projectBaseline: { prefix: "pbl", typeName: "ProjectBaseline", table: "vendors.project_baselines", role: "subject" },
  milestone: { prefix: "mst", typeName: "Milestone", table: "vendors.milestones", role: "entity" },
  projectCost: { prefix: "pco", typeName: "ProjectCost", table: "vendors.project_costs", role: "subject" },
  projectRisk: { prefix: "prk", typeName: "ProjectRisk", table: "vendors.project_risks", role: "subject" },
  projectDecision: { prefix: "pdc", typeName: "ProjectDecision", table: "vendors.project_decisions", role: "subject" },
  projectTemplate: { prefix: "ptp", typeName: "ProjectTemplate", table: "vendors.project_templates", role: "subject" },
  customFieldSchema: { prefix: "cfs", table: "app.custom_field_schemas", role: "subject" },
  auditEntry: { prefix: "aud", typeName: "AuditEntry", table: "audit.entries", role: "record" },
  event: { prefix: "evt", typeName: "Event", table: "events.log", role: "record" },
  inboundWebhook: { prefix: "inw", typeName: "InboundWebhook", table: "events.inbound_webhooks", role: "subject" },
  inboundMessage: { prefix: "inm", typeName: "InboundMessage", table: "events.inbound_messages", role: "record" },
  eventType: { prefix: "ety", table: "events.custom_types", role: "subject" },
  parkedEvent: { prefix: "pke", typeName: "ParkedEvent", table: "events.parked", role: "subject" },
  webhook: { prefix: "whk", typeName: "Webhook", table: "events.webhooks", role: "subject" },
  webhookDelivery: { prefix: "whd", typeName: "WebhookDelivery", table: "events.webhook_deliveries", role: "record" },
  eventReplay: { prefix: "evr", typeName: "EventReplay", table: "events.replays", role: "record" },
  integration: { prefix: "itg", table: "events.integrations", role: "subject" },
  integrationCall: { prefix: "icl", table: "events.integration_calls", role: "subject" },
  integrationTrigger: { prefix: "itr", table: "events.integration_triggers", role: "subject" },
  notification: { prefix: "ntf", typeName: "Notification", table: "audit.notifications", role: "subject" },
  notificationDelivery: { prefix: "ntd", table: "audit.notification_deliveries", role: "subject" },
  notificationDestination: { prefix: "nds", table: "audit.notification_destinations", role: "record" },
  notificationRule: { prefix: "ntr", typeName: "NotificationRule", table: "audit.notification_rules", role: "subject" },
  auditVerification: { prefix: "avf", table: "audit.verifications", role: "subject" },
} as const satisfies Readonly<Record<string, ObjectType>>;

type ObjectTypes = typeof objectTypes;

export type IdType = keyof ObjectTypes;

type WithRole<Role extends ObjectType["role"]> = { [T in IdType]: ObjectTypes[T]["role"] extends Role ? T : never }[IdType];

/** Types that events and audit entries can be about. */
export type SubjectType = WithRole<"entity" | "subject">;

/** Types that have an `auditTrail` and that `node` resolves through the owning subgraph. */
type EntityType = WithRole<"entity">;

/** Types that `node` resolves through the owning subgraph. */
export type NodeType = WithRole<"entity" | "node">;

const idTypes = Object.keys(objectTypes) as IdType[];

export const subjectTypes = idTypes.filter((type): type is SubjectType => ["entity", "subject"].includes(objectTypes[type].role));
export const entityTypes = idTypes.filter((type): type is EntityType => objectTypes[type].role === "entity");
export const nodeTypes = idTypes.filter((type): type is NodeType => ["entity", "node"].includes(objectTypes[type].role));
