import { encodeId, type IdType } from "@weft/shared/ids";
import type { Json } from "./source-bodies.js";

/** The UUID of all objects in examples. */
export const exampleUuid = "0198c0de-0000-7000-8000-000000000001";

/** The ID of an object in the examples. Each stands for an object of its type. */
const id = (type: IdType): string => encodeId(type, exampleUuid);

const definition = `weft: 1
key: key-handover
name: Key handover
initial: requested
states:
  requested:
    task: { title: Hand over the key, candidates: { roles: [operations] } }
    transitions: { handOver: { to: handed-over }, cancel: { to: cancelled } }
  handed-over: { final: completed }
  cancelled: { final: cancelled }
`;

/**
 * A body for each operation that takes one. With IDs of real objects in place of those here, and secrets in place of texts that end with "…", each is a
 * valid request.
 */
export const restExamples: Readonly<Record<string, Json>> = {
  registerOrganization: {
    email: "ada@example.com",
    username: "ada",
    password: "correct horse battery staple",
    full_name: "Ada Lovelace",
    organization_name: "Analytical Engines",
  },
  login: { username: "ada@example.com", password: "correct horse battery staple" },
  completeLogin: { mfaToken: "wmt_…", code: "123456" },
  refreshSession: { refresh_token: "wrt_…" },
  resetPassword: { token: "wpr_…", password: "a much longer passphrase" },
  confirmTotp: { code: "123456" },
  changePassword: { currentPassword: "correct horse battery staple", newPassword: "a much longer passphrase" },
  requestPasswordReset: { login: "ada@example.com" },
  createApiKey: { name: "Nightly export", permissions: [{ permission: "request.read", scope: "TENANT" }] },

  createTenant: {
    slug: "difference-engines",
    name: "Difference Engines",
    plan: "PRO",
    admin: { name: "Ada Lovelace", email: "ada@example.com" },
  },
  updateTenant: { name: "Difference Engines Ltd" },
  createUser: { email: "grace@example.com", name: "Grace Hopper", password: "correct horse battery staple", roleKeys: ["requester"] },
  updateUser: { name: "Grace Brewster Hopper" },
  createRole: { key: "auditor", name: "Auditor", permissions: [{ permission: "audit.read", scope: "TENANT" }] },
  updateRole: { name: "External auditor" },
  setRolePermissions: {
    permissions: [
      { permission: "audit.read", scope: "TENANT" },
      { permission: "request.read", scope: "TENANT" },
    ],
  },
  createPermission: { name: "custom.approveBudget", description: "Approves budgets above a million." },
  createTeam: { key: "electricians", name: "Electricians" },
  updateTeam: { name: "Electricians of the north" },

  createDefinition: { source: definition, format: "YAML" },
  validateDefinition: { source: definition, format: "YAML" },
  updateDefinition: { source: definition.replace("Key handover", "Handover of a key"), format: "YAML" },
  startWorkflow: { definitionKey: "key-handover", data: {} },
  fireTransition: { transition: "handOver", comment: "Received with thanks." },
  retryFromStep: {},

  completeTask: { transition: "approve", comment: "Fine." },

  createRequest: { typeKey: "maintenance", data: { summary: "The door of room 12 does not close", estimate: 250 } },
  updateRequest: { externalId: "TICKET-4711" },
  createComplianceReport: { kind: "ACCESS_REVIEW", formats: ["PDF"], permissions: ["vendor.approve", "contract.sign"] },
  createComplianceReportSchedule: {
    name: "Access of the quarter",
    kind: "ACCESS_REVIEW",
    cron: "0 6 1 */3 *",
    periodDays: 90,
    formats: ["PDF"],
  },
  exportAuditEntries: { format: "JSON_LINES", filter: { entityType: { eq: "BUILDING" } } },
  exportPerson: { personId: id("vendorContact"), reason: "Letter of 3 March" },
  anonymisePerson: { personId: id("vendorContact"), reason: "Letter of 3 March" },
  erasePerson: { personId: id("vendorContact"), reason: "Letter of 3 March" },
  declinePrivacyRequest: { reason: "The contract still runs." },
  createLegalHold: { objectId: id("vendorContact"), reason: "Case 7 of the court" },
  endLegalHold: { reason: "The case is settled." },
  exportRequests: { format: "CSV", columns: ["number", "state", "createdAt"] },
  cancelRequest: { comment: "It works again." },
  commentOnRequest: { audience: "PUBLIC", text: "We will come on Monday." },
  linkRequests: { kind: "RELATES_TO", toId: id("request") },
  unlinkRequests: { kind: "RELATES_TO", toId: id("request") },
  rateVendor: { stars: 5, comment: "On time, and tidy." },
  createRequestType: { key: "keys", name: "Keys", definitionKey: "key-handover", numberPrefix: "KEY", submitTransition: "handOver" },
  updateRequestType: { description: "Lost keys, new keys, and keys to give back." },
  saveView: { list: "REQUESTS", name: "Open doors", visibility: "PRIVATE", columns: ["number", "state"] },

  createUpload: { name: "plan.pdf", size: 24_000, type: "application/pdf" },
  attachFile: { fileId: id("file"), objectId: id("request") },

  createBuilding: { code: "LAB", name: "Laboratory", city: "Bern", country: "CH", timeZone: "Europe/Zurich" },
  updateBuilding: { name: "Laboratory of the north", position: { latitude: 46.948, longitude: 7.4474 } },
  assignBuildingUsers: { userIds: [id("user")] },
  createSpace: { buildingId: id("building"), kind: "FLOOR", code: "F2", name: "Second floor" },
  createAsset: { buildingId: id("building"), tag: "LIFT-1", name: "Passenger lift", type: "lift" },
  updateAsset: { serialNumber: "SN-100-42", warrantyUntil: "2030-12-31" },
  transferAsset: { buildingId: id("building"), reason: "The old building is closed." },
  recordMeterReading: { value: "1520.5", readAt: "2026-11-30T08:00:00Z" },
  createMaintenancePlan: {
    name: "Inspection of the lift",
    cron: "0 7 1 * *",
    template: { typeKey: "maintenance", data: { summary: "Inspect the lift", estimate: 400 }, assetId: id("asset") },
  },

  createVendor: { code: "SPARK", name: "Spark Electric", email: "office@spark.example", categories: ["electrical"] },
  updateVendor: { phone: "+41 31 123 45 67" },
  registerVendor: { token: "wvr_…", name: "Spark Electric", email: "office@spark.example", categories: ["electrical"] },
  setVendorAvailability: { maxOpen: 5, absences: [{ fromDay: "2026-12-24", untilDay: "2027-01-02", reason: "Holidays" }] },
  addVendorDocument: {
    vendorId: id("vendor"),
    kind: "INSURANCE",
    title: "Liability insurance",
    fileId: id("file"),
    validUntil: "2027-12-31",
  },
  reviewVendorDocument: { decision: "ACCEPT" },
  offerToVendor: { requestId: id("request"), vendorId: id("vendor"), expiresInMinutes: 120, title: "Repair the door of room 12" },
  declineOffer: { reason: "All electricians are busy until Monday." },
  createContract: {
    vendorId: id("vendor"),
    kind: "MAINTENANCE",
    title: "Maintenance of lifts",
    amount: { amount: 1_200_000, currency: "EUR" },
    startsOn: "2027-01-01",
    endsOn: "2028-12-31",
  },

  addContractObligation: { title: "Report on the state of the lifts", party: "VENDOR", dueOn: "2027-06-30", recurrence: "YEARLY" },
  completeContractObligation: { note: "Received on 28 June." },

  createProject: {
    code: "ROOF",
    name: "New roof",
    startsOn: "2027-03-01",
    endsOn: "2027-09-30",
    budget: { amount: 25_000_000, currency: "EUR" },
  },
  updateProject: { description: "The roof of the laboratory is replaced, with solar panels." },
  assignProjectVendor: { vendorId: id("vendor"), role: "Contractor" },
  createProjectTask: { projectId: id("project"), name: "Scaffolding", durationMinutes: 2_400 },
  addTaskDependency: { predecessorId: id("projectTask"), successorId: id("projectTask"), kind: "FINISH_TO_START" },
  createMilestone: { projectId: id("project"), name: "Roof is tight", dueOn: "2027-06-30" },
  setProjectBaseline: { name: "As agreed" },
  recordProjectCost: { amount: { amount: 120_000, currency: "EUR" }, spentOn: "2027-03-15", category: "MATERIAL", note: "Beams" },
  createProjectRisk: { title: "Rain during the work", probability: 3, impact: 4, mitigation: "A tent over the roof" },
  createProjectDecision: {
    title: "Material of the roof",
    decision: "Slate",
    reason: "It lasts longer than tiles.",
    decidedOn: "2027-02-01",
  },
  saveProjectTemplate: { projectId: id("project"), name: "Roof", description: "A roof, from the scaffolding to the last tile." },
  createScopeItem: { projectId: id("project"), title: "Solar panels on the south side" },
  proposeScopeChange: { projectId: id("project"), reason: "The panels are larger.", addedItems: [{ title: "Stronger beams" }] },

  pauseSla: { reason: "Waiting for a spare part." },
  resumeSla: { reason: "The part has arrived." },
  createSchedule: { name: "Monthly key count", definitionKey: "key-handover", cron: "0 8 1 * *", timeZone: "Europe/Zurich" },
  createTrigger: {
    name: "A vendor was suspended",
    eventType: "vendor.suspended",
    action: "START",
    definitionKey: "key-handover",
  },
  publishEvent: { type: "custom.door.opened", payload: { text: "Door 12" } },
  previewNotificationTemplate: { kind: "TASK_OPENED", subject: "A task for you", body: "Please look at it." },
  updateNotificationPreferences: { preferences: [{ kind: "TASK_OPENED", channel: "EMAIL", isEnabled: false }] },
  createWebhook: { name: "Ticket system", url: "https://tickets.example.com/hooks/weft", eventTypes: ["request.created"] },
  createAuditStream: {
    name: "SIEM",
    transport: "HTTP",
    url: "https://siem.example.com/services/collector/raw",
    access: { headers: [{ name: "Authorization", value: "Splunk 7f3c" }] },
  },
  redeliverWebhook: { deliveryId: id("webhookDelivery") },
  createIntegration: {
    key: "tickets",
    name: "Ticket system",
    connector: "HTTP",
    configuration: { baseUrl: "https://tickets.example.com" },
    credentials: { type: "NONE" },
  },
  createAgent: {
    key: "triage",
    name: "Triage",
    providerId: id("modelProvider"),
    model: "example-model",
    instructions: "Say which team should handle the request.",
  },
  updateAgent: { instructions: "Say which team should handle the request, and how urgent it is." },
};
