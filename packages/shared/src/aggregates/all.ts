// Written by `pnpm indexes`.
import { absence } from "./absence.js";
import { agentToolCall } from "./agent-tool-call.js";
import { agent } from "./agent.js";
import { apiKey } from "./api-key.js";
import { application } from "./application.js";
import { assetType } from "./asset-type.js";
import { asset } from "./asset.js";
import { attachment } from "./attachment.js";
import { auditExport } from "./audit-export.js";
import { auditStream } from "./audit-stream.js";
import { auditVerification } from "./audit-verification.js";
import { building } from "./building.js";
import { bulkOperation } from "./bulk-operation.js";
import { complianceReport } from "./compliance-report.js";
import { contractObligation } from "./contract-obligation.js";
import { contract } from "./contract.js";
import { customFieldSchema } from "./custom-field-schema.js";
import { definitionShare } from "./definition-share.js";
import { definition } from "./definition.js";
import { domain } from "./domain.js";
import { eventType } from "./event-type.js";
import { listExport } from "./export.js";
import { file } from "./file.js";
import { identityProvider } from "./identity-provider.js";
import { listImport } from "./import.js";
import { inboundMailAddress } from "./inbound-mail-address.js";
import { inboundWebhook } from "./inbound-webhook.js";
import { incident } from "./incident.js";
import { instance } from "./instance.js";
import { integrationCall } from "./integration-call.js";
import { integrationTrigger } from "./integration-trigger.js";
import { integration } from "./integration.js";
import { internalComment } from "./internal-comment.js";
import { maintenancePlan } from "./maintenance-plan.js";
import { meter } from "./meter.js";
import { milestone } from "./milestone.js";
import { modelProvider } from "./model-provider.js";
import { notificationDelivery } from "./notification-delivery.js";
import { notificationRule } from "./notification-rule.js";
import { notificationTemplate } from "./notification-template.js";
import { notification } from "./notification.js";
import { parkedEvent } from "./parked-event.js";
import { privacyRequest } from "./privacy-request.js";
import { projectBaseline } from "./project-baseline.js";
import { projectCost } from "./project-cost.js";
import { projectDecision } from "./project-decision.js";
import { projectRisk } from "./project-risk.js";
import { projectTask } from "./project-task.js";
import { projectTemplate } from "./project-template.js";
import { projectVendor } from "./project-vendor.js";
import { project } from "./project.js";
import { requestComment } from "./request-comment.js";
import { requestFormLink } from "./request-form-link.js";
import { requestType } from "./request-type.js";
import { request } from "./request.js";
import { role } from "./role.js";
import { routingRule } from "./routing-rule.js";
import { run } from "./run.js";
import { savedView } from "./saved-view.js";
import { schedule } from "./schedule.js";
import { scopeChange } from "./scope-change.js";
import { scopeItem } from "./scope-item.js";
import { scopeVersion } from "./scope-version.js";
import { secret } from "./secret.js";
import { securityProfile } from "./security-profile.js";
import { session } from "./session.js";
import { slaPolicy } from "./sla-policy.js";
import { space } from "./space.js";
import { taskComment } from "./task-comment.js";
import { taskDependency } from "./task-dependency.js";
import { task } from "./task.js";
import { team } from "./team.js";
import { tenant } from "./tenant.js";
import { trigger } from "./trigger.js";
import { user } from "./user.js";
import { vendorContact } from "./vendor-contact.js";
import { vendorDocument } from "./vendor-document.js";
import { vendorOffer } from "./vendor-offer.js";
import { vendorRating } from "./vendor-rating.js";
import { vendorRegistrationLink } from "./vendor-registration-link.js";
import { vendor } from "./vendor.js";
import { webhook } from "./webhook.js";

/** Every aggregate. The order of the types of objects shows in the API. */
export const aggregates = [
  tenant,
  user,
  team,
  role,
  identityProvider,
  domain,
  session,
  apiKey,
  definition,
  instance,
  task,
  taskComment,
  internalComment,
  absence,
  incident,
  run,
  modelProvider,
  agent,
  agentToolCall,
  secret,
  securityProfile,
  definitionShare,
  routingRule,
  schedule,
  trigger,
  slaPolicy,
  bulkOperation,
  requestType,
  request,
  requestComment,
  vendorOffer,
  building,
  assetType,
  space,
  asset,
  requestFormLink,
  inboundMailAddress,
  meter,
  maintenancePlan,
  file,
  attachment,
  listExport,
  listImport,
  notificationTemplate,
  savedView,
  vendor,
  contract,
  contractObligation,
  vendorDocument,
  vendorRating,
  vendorContact,
  vendorRegistrationLink,
  project,
  projectVendor,
  projectTask,
  taskDependency,
  scopeItem,
  scopeVersion,
  scopeChange,
  projectBaseline,
  milestone,
  projectCost,
  projectRisk,
  projectDecision,
  projectTemplate,
  customFieldSchema,
  inboundWebhook,
  eventType,
  parkedEvent,
  webhook,
  integration,
  integrationCall,
  integrationTrigger,
  notification,
  notificationDelivery,
  notificationRule,
  auditVerification,
  application,
  complianceReport,
  privacyRequest,
  auditExport,
  auditStream,
] as const;
