import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";
import { changed, none, principal } from "./payloads.js";

/**
 * Events of comments on a request. The policy of the log hides those of the audience INTERNAL from users of a vendor, so the name and the value must
 * stay as they are.
 */
const ofRequestComment = {
  version: 1,
  subject: "request",
  related: ["instance", "requestComment"],
  visibility: "subject",
  payload: z.strictObject({
    requestCommentId: z.uuid(),
    audience: z.enum(["INTERNAL", "PUBLIC"]),
    /** IDs of the users whom the comment mentions; for an edit, those whom it did not mention before. */
    mentionedIds: z.array(z.uuid()),
  }),
} as const;

/** Events of attachments. The policy of the log hides those of the audience INTERNAL from users of a vendor. */
const ofAttachment = {
  version: 1,
  subject: "attachment",
  // Besides the file, the object that it is attached to.
  related: ["file", "request", "building", "asset", "maintenancePlan", "instance", "task", "contract", "vendorDocument"],
  visibility: "subject",
  payload: z.strictObject({ fileId: z.uuid(), audience: z.enum(["INTERNAL", "PUBLIC"]) }),
} as const;

/** Events of request form links. */
const ofRequestFormLink = {
  version: 1,
  subject: "requestFormLink",
  related: ["asset", "requestType"],
  visibility: "internal",
  payload: none,
} as const;

/** Events of addresses at which an email becomes a request. */
const ofInboundMailAddress = { version: 1, subject: "inboundMailAddress", related: ["requestType"], visibility: "internal" } as const;

/** What people recognize a vendor or a project by. Omitted in events from before they had it. */
const codeAndName = z.strictObject({ code: z.string().optional(), name: z.string().optional() });

/** What people recognize an asset by. Omitted in events from before they had it. */
const namesOfAsset = { tag: z.string().optional(), name: z.string().optional() };

const ofAssetDate = {
  version: 1,
  subject: "asset",
  related: ["building"],
  visibility: "subject",
  payload: z.strictObject({ date: z.iso.date(), ...namesOfAsset }),
} as const;

const ofContract = { version: 1, subject: "contract", related: ["vendor", "instance"], visibility: "subject" } as const;

const ofVendorDocument = { version: 1, subject: "vendorDocument", related: ["vendor"], visibility: "subject" } as const;

/** Events of obligations, which users of the vendor do not see. */
const ofObligation = { version: 1, subject: "contractObligation", related: ["contract"], visibility: "internal" } as const;

const ofReading = {
  version: 1,
  subject: "meter",
  related: ["asset"],
  visibility: "subject",
  payload: z.strictObject({
    meterName: z.string(),
    unit: z.string(),
    value: z.number(),
    total: z.number(),
    readingId: z.uuid(),
    readAt: z.string(),
  }),
} as const;

/** The task in `related` depends on another one. */
const ofTaskDependency = { version: 1, subject: "taskDependency", related: ["project", "projectTask"], visibility: "subject" } as const;

/** Events of milestones, costs, risks, and decisions. Without the project: users of a vendor see events of their projects. */
const ofMilestone = { version: 1, subject: "milestone", related: ["instance"], visibility: "subject" } as const;
const ofProjectCost = { version: 1, subject: "projectCost", related: [], visibility: "internal", payload: none } as const;
const ofProjectRisk = { version: 1, subject: "projectRisk", related: [], visibility: "internal" } as const;
const ofProjectDecision = { version: 1, subject: "projectDecision", related: [], visibility: "internal" } as const;

/** Events of ratings. Without the request: users of the vendor see events of their requests, and would learn who rated them. */
const ofVendorRating = {
  version: 1,
  subject: "vendorRating",
  related: ["vendor"],
  visibility: "internal",
  payload: z.strictObject({ stars: z.int().min(1).max(5) }),
} as const;

/** Events of contacts of a vendor. */
const ofVendorContact = { version: 1, subject: "vendorContact", related: ["vendor"], visibility: "internal" } as const;

/** Events of links with which companies register as vendors. */
const ofVendorRegistrationLink = {
  version: 1,
  subject: "vendorRegistrationLink",
  related: ["vendor"],
  visibility: "internal",
  payload: none,
} as const;

/** Events of a vendor's part in a project. Without the project: users of its other vendors see events of their projects. */
const ofProjectVendor = {
  version: 1,
  subject: "projectVendor",
  related: ["vendor"],
  visibility: "internal",
  payload: z.strictObject({ projectId: z.uuid(), role: z.string() }),
} as const;

/** Events of an offer to a vendor. Without the request, which the vendor does not see before it has accepted. */
const ofVendorOffer = {
  version: 1,
  subject: "vendorOffer",
  related: ["vendor"],
  visibility: "internal",
  payload: z.strictObject({ number: z.string(), title: z.string(), offeredBy: z.uuid() }),
} as const;
/** Events of scopes. Without the project: users of a vendor that a project was given to see its events, and nothing of its scope. */
const ofScopeChange = { version: 1, subject: "scopeChange", related: [], visibility: "subject" } as const;
const ofScopeItem = { version: 1, subject: "scopeItem", related: [], visibility: "subject" } as const;

/** Events of definitions, requests, files, buildings, assets, meters, vendors and projects. */
export const businessEvents = byType(
  defineEvent({
    type: "definition.created",
    version: 1,
    subject: "definition",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string(), number: z.int().positive() }),
  }),
  defineEvent({
    type: "definition.updated",
    version: 1,
    subject: "definition",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string(), number: z.int().positive(), changed: z.array(z.string()) }),
  }),
  defineEvent({
    type: "definition.deleted",
    version: 1,
    subject: "definition",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string(), number: z.int().positive() }),
  }),
  defineEvent({
    type: "definition.published",
    version: 1,
    subject: "definition",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string(), number: z.int().positive() }),
  }),
  defineEvent({
    type: "definition.promoted",
    version: 1,
    subject: "definition",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string(), number: z.int().positive(), environment: z.enum(["DEV", "STAGING", "PROD"]) }),
  }),
  defineEvent({
    type: "definition.deprecated",
    version: 1,
    subject: "definition",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string(), number: z.int().positive() }),
  }),
  defineEvent({
    type: "definition.retired",
    version: 1,
    subject: "definition",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string(), number: z.int().positive() }),
  }),
  defineEvent({
    type: "requestType.created",
    version: 1,
    subject: "requestType",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string() }),
  }),
  defineEvent({
    type: "requestType.updated",
    version: 1,
    subject: "requestType",
    related: [],
    visibility: "subject",
    payload: changed,
  }),
  defineEvent({
    type: "request.created",
    version: 1,
    subject: "request",
    related: ["instance", "requestType", "building", "asset"],
    visibility: "subject",
    payload: z.strictObject({ number: z.string(), typeKey: z.string() }),
  }),
  defineEvent({
    type: "request.updated",
    version: 1,
    subject: "request",
    related: ["instance"],
    visibility: "subject",
    payload: changed,
  }),
  defineEvent({
    type: "request.assigned",
    version: 1,
    subject: "request",
    related: ["instance", "user", "team", "vendor"],
    visibility: "subject",
    payload: z.strictObject({ assignee: principal }),
  }),
  /** Whose the request was: lists remove it for the users who saw it. */
  defineEvent({
    type: "request.deleted",
    version: 1,
    subject: "request",
    related: ["instance"],
    visibility: "subject",
    payload: z.strictObject({ ownerId: z.uuid(), teamId: z.uuid().nullable(), assignee: principal }),
  }),
  defineEvent({ type: "request.restored", version: 1, subject: "request", related: ["instance"], visibility: "subject", payload: none }),
  /** A link to another request was added. Internal, because users of a vendor might not see the other request. */
  defineEvent({
    type: "request.linked",
    version: 1,
    subject: "request",
    related: ["instance"],
    visibility: "subject",
    payload: z.strictObject({
      kind: z.enum(["BLOCKS", "DUPLICATES", "PARENT_OF", "RELATES_TO"]),
      fromId: z.uuid(),
      toId: z.uuid(),
      audience: z.literal("INTERNAL"),
    }),
  }),
  /** The request has another type, and another workflow: `related.instance`. */
  defineEvent({
    type: "request.converted",
    version: 1,
    subject: "request",
    related: ["instance", "requestType"],
    visibility: "subject",
    payload: z.strictObject({ fromTypeKey: z.string(), toTypeKey: z.string() }),
  }),
  /** Another request was merged into this one. Internal, because users of a vendor might not see the other request. */
  defineEvent({
    type: "request.merged",
    version: 1,
    subject: "request",
    related: ["instance"],
    visibility: "subject",
    payload: z.strictObject({ fromId: z.uuid(), audience: z.literal("INTERNAL") }),
  }),
  /** A part of the request became another one. Internal, because users of a vendor might not see the other request. */
  defineEvent({
    type: "request.split",
    version: 1,
    subject: "request",
    related: ["instance"],
    visibility: "subject",
    payload: z.strictObject({ newId: z.uuid(), audience: z.literal("INTERNAL") }),
  }),
  defineEvent({
    type: "customFieldSchema.created",
    version: 1,
    subject: "customFieldSchema",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ kind: z.string(), typeKey: z.string().nullable() }),
  }),
  defineEvent({
    type: "customFieldSchema.updated",
    version: 1,
    subject: "customFieldSchema",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ kind: z.string(), typeKey: z.string().nullable() }),
  }),
  /** A comment was added. Its text is in the comment. */
  defineEvent({ ...ofRequestComment, type: "request.commented" }),
  /** The author has edited a comment. */
  defineEvent({ ...ofRequestComment, type: "request.comment_edited" }),
  /** The author or a moderator has deleted a comment. */
  defineEvent({ ...ofRequestComment, type: "request.comment_deleted" }),
  /** A file was attached to an object. */
  defineEvent({ ...ofAttachment, type: "attachment.created" }),
  defineEvent({ ...ofAttachment, type: "attachment.deleted" }),
  defineEvent({
    type: "building.created",
    version: 1,
    subject: "building",
    related: [],
    visibility: "subject",
    // Omitted in events from before they had them.
    payload: z.strictObject({ code: z.string().optional(), name: z.string().optional() }),
  }),
  defineEvent({ type: "building.updated", version: 1, subject: "building", related: [], visibility: "subject", payload: changed }),
  defineEvent({ type: "building.deleted", version: 1, subject: "building", related: [], visibility: "subject", payload: none }),
  defineEvent({ type: "building.restored", version: 1, subject: "building", related: [], visibility: "subject", payload: none }),
  defineEvent({ type: "space.created", version: 1, subject: "space", related: ["building"], visibility: "subject", payload: none }),
  defineEvent({ type: "space.updated", version: 1, subject: "space", related: ["building"], visibility: "subject", payload: changed }),
  defineEvent({ type: "space.deleted", version: 1, subject: "space", related: ["building"], visibility: "subject", payload: none }),
  defineEvent({ type: "space.restored", version: 1, subject: "space", related: ["building"], visibility: "subject", payload: none }),
  defineEvent({
    type: "asset.created",
    version: 1,
    subject: "asset",
    related: ["building"],
    visibility: "subject",
    payload: z.strictObject({ ...namesOfAsset, assetType: z.string().optional() }),
  }),
  defineEvent({ type: "asset.updated", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: changed }),
  defineEvent({ type: "asset.deleted", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: none }),
  /** The asset is in another building: `related.building`. */
  defineEvent({ type: "asset.transferred", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: none }),
  defineEvent({ type: "asset.restored", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: none }),
  /** A link with which everybody can create requests about `related.asset`. */
  defineEvent({ ...ofRequestFormLink, type: "requestFormLink.created" }),
  /** The link has ended. */
  defineEvent({ ...ofRequestFormLink, type: "requestFormLink.revoked" }),
  defineEvent({ ...ofInboundMailAddress, type: "inboundMailAddress.created", payload: none }),
  defineEvent({ ...ofInboundMailAddress, type: "inboundMailAddress.updated", payload: changed }),
  defineEvent({ ...ofInboundMailAddress, type: "inboundMailAddress.deleted", payload: none }),
  /** The warranty ends on the date, in as many days as the asset's type says. Once for each date. */
  defineEvent({ ...ofAssetDate, type: "asset.warranty_ending" }),
  /** An inspection is due on the date, in as many days as the asset's type says. Once for each date. */
  defineEvent({ ...ofAssetDate, type: "asset.inspection_due" }),
  defineEvent({
    type: "assetType.created",
    version: 1,
    subject: "assetType",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string() }),
  }),
  defineEvent({ type: "assetType.updated", version: 1, subject: "assetType", related: [], visibility: "subject", payload: changed }),
  defineEvent({ type: "meter.created", version: 1, subject: "meter", related: ["asset"], visibility: "subject", payload: none }),
  defineEvent({ type: "meter.updated", version: 1, subject: "meter", related: ["asset"], visibility: "subject", payload: changed }),
  /** A reading was recorded. `total` counts over all devices. */
  defineEvent({ ...ofReading, type: "meter.read" }),
  /** A reading has replaced a wrong one of the same time. */
  defineEvent({ ...ofReading, type: "meter.corrected" }),
  /** The newest total reached a threshold of the meter. For EVERY, `threshold` is the multiple that was reached or passed. */
  defineEvent({
    ...ofReading,
    type: "meter.threshold_reached",
    payload: ofReading.payload.omit({ readAt: true }).extend({
      kind: z.enum(["ABOVE", "BELOW", "EVERY"]),
      threshold: z.number(),
      assetTag: z.string().optional(),
      assetName: z.string().optional(),
    }),
  }),
  defineEvent({
    type: "vendor.created",
    version: 1,
    subject: "vendor",
    related: ["instance"],
    visibility: "subject",
    payload: codeAndName,
  }),
  defineEvent({ type: "vendor.updated", version: 1, subject: "vendor", related: [], visibility: "subject", payload: changed }),
  defineEvent({ type: "vendor.deactivated", version: 1, subject: "vendor", related: [], visibility: "subject", payload: none }),
  defineEvent({
    type: "vendor.onboarding_started",
    version: 1,
    subject: "vendor",
    related: ["instance"],
    visibility: "subject",
    payload: none,
  }),
  defineEvent({ type: "vendor.approved", version: 1, subject: "vendor", related: ["instance"], visibility: "subject", payload: none }),
  defineEvent({ type: "vendor.rejected", version: 1, subject: "vendor", related: ["instance"], visibility: "subject", payload: none }),
  defineEvent({ type: "vendor.suspended", version: 1, subject: "vendor", related: [], visibility: "subject", payload: none }),
  defineEvent({ type: "vendor.blocked", version: 1, subject: "vendor", related: [], visibility: "subject", payload: none }),
  defineEvent({ type: "vendor.reinstated", version: 1, subject: "vendor", related: [], visibility: "subject", payload: none }),
  defineEvent({
    ...ofContract,
    type: "contract.created",
    payload: z.strictObject({ number: z.string().optional(), title: z.string().optional() }),
  }),
  defineEvent({ ...ofContract, type: "contract.updated", payload: changed }),
  defineEvent({ ...ofContract, type: "contract.deleted", payload: none }),
  defineEvent({ ...ofContract, type: "contract.restored", payload: none }),
  /** A new version was created as a draft. */
  defineEvent({ ...ofContract, type: "contract.version_created", payload: z.strictObject({ number: z.int() }) }),
  /** The approval of the version has started. */
  defineEvent({ ...ofContract, type: "contract.submitted", payload: z.strictObject({ number: z.int() }) }),
  /** The version was approved, and is in force from now on. `hash`: SHA-256 of its content. */
  defineEvent({ ...ofContract, type: "contract.signed", payload: z.strictObject({ number: z.int(), hash: z.string() }) }),
  /** Its first day has come. */
  defineEvent({ ...ofContract, type: "contract.activated", payload: none }),
  /** The last day for a notice is in `days` days. Once for each threshold and last day. */
  defineEvent({
    ...ofContract,
    type: "contract.expiring",
    payload: z.strictObject({
      number: z.string(),
      title: z.string(),
      ownerId: z.uuid(),
      endsOn: z.iso.date(),
      noticeBy: z.iso.date(),
      days: z.int(),
    }),
  }),
  /** It was extended automatically, by a version that was signed with the earlier one. */
  defineEvent({
    ...ofContract,
    type: "contract.renewed",
    payload: z.strictObject({ number: z.int(), endsOn: z.iso.date(), hash: z.string() }),
  }),
  /** Its last day is over. */
  defineEvent({ ...ofContract, type: "contract.expired", payload: none }),
  defineEvent({ ...ofContract, type: "contract.terminated", payload: none }),
  /** The approval has ended without a signature. The version is a draft again. */
  defineEvent({ ...ofContract, type: "contract.refused", payload: z.strictObject({ number: z.int() }) }),
  defineEvent({ ...ofVendorContact, type: "vendorContact.created", payload: none }),
  defineEvent({ ...ofVendorContact, type: "vendorContact.updated", payload: changed }),
  defineEvent({ ...ofVendorContact, type: "vendorContact.deleted", payload: none }),
  defineEvent({ ...ofObligation, type: "contractObligation.created", payload: none }),
  defineEvent({ ...ofObligation, type: "contractObligation.updated", payload: changed }),
  defineEvent({ ...ofObligation, type: "contractObligation.deleted", payload: none }),
  /** It was done for the day `dueOn`. `nextOn`: when a recurring one is due again. */
  defineEvent({
    ...ofObligation,
    type: "contractObligation.completed",
    payload: z.strictObject({ dueOn: z.iso.date(), nextOn: z.iso.date().nullable() }),
  }),
  /** It is due in `days` days. Once for each threshold and day. */
  defineEvent({
    ...ofObligation,
    type: "contractObligation.due",
    payload: z.strictObject({
      contractId: z.uuid(),
      number: z.string(),
      title: z.string(),
      ownerId: z.uuid(),
      dueOn: z.iso.date(),
      days: z.int(),
    }),
  }),
  /** A document of a vendor was added. It waits for its review. */
  defineEvent({ ...ofVendorDocument, type: "vendorDocument.created", payload: none }),
  defineEvent({ ...ofVendorDocument, type: "vendorDocument.updated", payload: changed }),
  defineEvent({ ...ofVendorDocument, type: "vendorDocument.deleted", payload: none }),
  defineEvent({ ...ofVendorDocument, type: "vendorDocument.accepted", payload: none }),
  defineEvent({ ...ofVendorDocument, type: "vendorDocument.rejected", payload: none }),
  /** Its last day is in `days` days. Once for each threshold and last day. */
  defineEvent({
    ...ofVendorDocument,
    type: "vendorDocument.expiring",
    payload: z.strictObject({ kind: z.string(), title: z.string(), vendorName: z.string(), validUntil: z.iso.date(), days: z.int() }),
  }),
  /** Its last day has passed. */
  defineEvent({
    ...ofVendorDocument,
    type: "vendorDocument.expired",
    payload: z.strictObject({ kind: z.string(), validUntil: z.iso.date() }),
  }),
  /** The tenant requires other documents of its vendors. */
  defineEvent({
    type: "vendorDocument.requirements_changed",
    version: 1,
    subject: "tenant",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ version: z.int().positive() }),
  }),
  defineEvent({ ...ofVendorRating, type: "vendorRating.created" }),
  defineEvent({ ...ofVendorRating, type: "vendorRating.updated" }),
  defineEvent({ ...ofVendorRegistrationLink, type: "vendorRegistrationLink.created" }),
  /** A company was invited by email. */
  defineEvent({ ...ofVendorRegistrationLink, type: "vendorRegistrationLink.sent" }),
  /** A company registered. The vendor is in onboarding. */
  defineEvent({ ...ofVendorRegistrationLink, type: "vendorRegistrationLink.used" }),
  defineEvent({ ...ofVendorRegistrationLink, type: "vendorRegistrationLink.revoked" }),
  defineEvent({
    type: "project.created",
    version: 1,
    subject: "project",
    related: ["instance"],
    visibility: "subject",
    payload: codeAndName,
  }),
  defineEvent({ type: "project.updated", version: 1, subject: "project", related: ["instance"], visibility: "subject", payload: changed }),
  defineEvent({ type: "project.deleted", version: 1, subject: "project", related: ["instance"], visibility: "subject", payload: none }),
  defineEvent({ type: "project.restored", version: 1, subject: "project", related: ["instance"], visibility: "subject", payload: none }),
  defineEvent({ ...ofVendorOffer, type: "vendorOffer.created" }),
  defineEvent({ ...ofVendorOffer, type: "vendorOffer.accepted" }),
  defineEvent({ ...ofVendorOffer, type: "vendorOffer.declined" }),
  /** Nobody answered in time. */
  defineEvent({ ...ofVendorOffer, type: "vendorOffer.expired" }),
  /** The request has ended or was assigned in another way. */
  defineEvent({ ...ofVendorOffer, type: "vendorOffer.withdrawn" }),
  defineEvent({ ...ofProjectVendor, type: "projectVendor.assigned" }),
  /** The vendor no longer takes part, or has another role. */
  defineEvent({ ...ofProjectVendor, type: "projectVendor.unassigned" }),
  defineEvent({
    type: "projectTask.created",
    version: 1,
    subject: "projectTask",
    related: ["project"],
    visibility: "subject",
    payload: none,
  }),
  defineEvent({
    type: "projectTask.updated",
    version: 1,
    subject: "projectTask",
    related: ["project"],
    visibility: "subject",
    payload: changed,
  }),
  defineEvent({
    type: "projectTask.deleted",
    version: 1,
    subject: "projectTask",
    related: ["project"],
    visibility: "subject",
    payload: none,
  }),
  defineEvent({
    type: "projectTask.restored",
    version: 1,
    subject: "projectTask",
    related: ["project"],
    visibility: "subject",
    payload: none,
  }),
  /** A user has reported progress. */
  defineEvent({
    type: "projectTask.progress_reported",
    version: 1,
    subject: "projectTask",
    related: ["project"],
    visibility: "subject",
    payload: z.strictObject({ percentComplete: z.int().min(0).max(100), workedMinutes: z.int().min(0) }),
  }),
  defineEvent({ ...ofScopeItem, type: "scopeItem.created", payload: none }),
  defineEvent({ ...ofScopeItem, type: "scopeItem.updated", payload: changed }),
  defineEvent({ ...ofScopeItem, type: "scopeItem.deleted", payload: none }),
  /** The first version of a scope was approved. Later ones are made by changes. `hash`: SHA-256 of its content. */
  defineEvent({
    type: "scopeVersion.approved",
    version: 1,
    subject: "scopeVersion",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ number: z.int(), hash: z.string() }),
  }),
  defineEvent({ ...ofScopeChange, type: "scopeChange.proposed", payload: none }),
  /** The impact was computed again, and the approval has started over. */
  defineEvent({ ...ofScopeChange, type: "scopeChange.refreshed", payload: none }),
  /** The approved change was made. `number` and `hash`: of the new version of the scope. */
  defineEvent({ ...ofScopeChange, type: "scopeChange.applied", payload: z.strictObject({ number: z.int(), hash: z.string() }) }),
  defineEvent({ ...ofScopeChange, type: "scopeChange.rejected", payload: none }),
  defineEvent({ ...ofScopeChange, type: "scopeChange.withdrawn", payload: none }),
  /** The change was approved, but the project, its scope, or its plan had changed since the proposal. Nothing was applied. */
  defineEvent({ ...ofScopeChange, type: "scopeChange.became_stale", payload: none }),
  /** A snapshot of the plan was taken. It is the current baseline. */
  defineEvent({
    type: "projectBaseline.created",
    version: 1,
    subject: "projectBaseline",
    related: [],
    visibility: "subject",
    payload: none,
  }),
  /** An earlier baseline is the current one again. */
  defineEvent({
    type: "projectBaseline.selected",
    version: 1,
    subject: "projectBaseline",
    related: [],
    visibility: "subject",
    payload: none,
  }),
  defineEvent({ ...ofTaskDependency, type: "taskDependency.created", payload: none }),
  defineEvent({ ...ofTaskDependency, type: "taskDependency.updated", payload: changed }),
  defineEvent({ ...ofTaskDependency, type: "taskDependency.deleted", payload: none }),
  defineEvent({ ...ofMilestone, type: "milestone.created", payload: none }),
  defineEvent({ ...ofMilestone, type: "milestone.updated", payload: changed }),
  defineEvent({ ...ofMilestone, type: "milestone.deleted", payload: none }),
  defineEvent({ ...ofMilestone, type: "milestone.restored", payload: none }),
  /** Its review has started. */
  defineEvent({ ...ofMilestone, type: "milestone.submitted", payload: none }),
  /** Its review has ended with an approval. Events from before they had a payload omit all of it. */
  defineEvent({
    ...ofMilestone,
    type: "milestone.reached",
    payload: z.strictObject({
      name: z.string().optional(),
      ownerId: z.uuid().optional(),
      dueOn: z.iso.date().optional(),
      projectId: z.uuid().optional(),
    }),
  }),
  /** Its review has ended without an approval. The milestone is planned again. */
  defineEvent({ ...ofMilestone, type: "milestone.refused", payload: none }),
  /** It is due in at most `days` days. Once for each threshold and due day. */
  defineEvent({
    ...ofMilestone,
    type: "milestone.upcoming",
    payload: z.strictObject({ name: z.string(), ownerId: z.uuid(), dueOn: z.iso.date(), days: z.int() }),
  }),
  /** Its due day is over. Once for each due day. */
  defineEvent({
    ...ofMilestone,
    type: "milestone.overdue",
    payload: z.strictObject({ name: z.string(), ownerId: z.uuid(), dueOn: z.iso.date() }),
  }),
  /** A cost was recorded, also as the correction of another one. */
  defineEvent({ ...ofProjectCost, type: "projectCost.created" }),
  defineEvent({ ...ofProjectCost, type: "projectCost.voided" }),
  defineEvent({ ...ofProjectRisk, type: "projectRisk.created", payload: none }),
  defineEvent({ ...ofProjectRisk, type: "projectRisk.updated", payload: changed }),
  defineEvent({ ...ofProjectRisk, type: "projectRisk.closed", payload: none }),
  defineEvent({ ...ofProjectDecision, type: "projectDecision.created", payload: none }),
  defineEvent({ ...ofProjectDecision, type: "projectDecision.updated", payload: changed }),
  defineEvent({ ...ofProjectDecision, type: "projectDecision.closed", payload: none }),
  defineEvent({
    type: "projectTemplate.created",
    version: 1,
    subject: "projectTemplate",
    related: [],
    visibility: "internal",
    payload: none,
  }),
  defineEvent({
    type: "projectTemplate.deleted",
    version: 1,
    subject: "projectTemplate",
    related: [],
    visibility: "internal",
    payload: none,
  }),
  /** The settings by which the project is scheduled. */
  defineEvent({
    type: "project.plan_updated",
    version: 1,
    subject: "project",
    related: ["instance"],
    visibility: "subject",
    payload: changed,
  }),
);
