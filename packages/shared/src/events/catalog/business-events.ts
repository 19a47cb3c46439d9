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
  related: ["file", "request", "building", "asset", "maintenancePlan", "instance", "task", "contract"],
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

const ofAssetDate = {
  version: 1,
  subject: "asset",
  related: ["building"],
  visibility: "subject",
  payload: z.strictObject({ date: z.iso.date() }),
} as const;

const ofContract = { version: 1, subject: "contract", related: ["vendor", "instance"], visibility: "subject" } as const;

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
/** Events of ratings. Without the request: users of the vendor see events of their requests, and would learn who rated them. */
const ofVendorRating = {
  version: 1,
  subject: "vendorRating",
  related: ["vendor"],
  visibility: "internal",
  payload: z.strictObject({ stars: z.int().min(1).max(5) }),
} as const;

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
  defineEvent({ type: "building.created", version: 1, subject: "building", related: [], visibility: "subject", payload: none }),
  defineEvent({ type: "building.updated", version: 1, subject: "building", related: [], visibility: "subject", payload: changed }),
  defineEvent({ type: "building.deleted", version: 1, subject: "building", related: [], visibility: "subject", payload: none }),
  defineEvent({ type: "building.restored", version: 1, subject: "building", related: [], visibility: "subject", payload: none }),
  defineEvent({ type: "space.created", version: 1, subject: "space", related: ["building"], visibility: "subject", payload: none }),
  defineEvent({ type: "space.updated", version: 1, subject: "space", related: ["building"], visibility: "subject", payload: changed }),
  defineEvent({ type: "space.deleted", version: 1, subject: "space", related: ["building"], visibility: "subject", payload: none }),
  defineEvent({ type: "space.restored", version: 1, subject: "space", related: ["building"], visibility: "subject", payload: none }),
  defineEvent({ type: "asset.created", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: none }),
  defineEvent({ type: "asset.updated", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: changed }),
  defineEvent({ type: "asset.deleted", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: none }),
  /** The asset is in another building: `related.building`. */
  defineEvent({ type: "asset.transferred", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: none }),
  defineEvent({ type: "asset.restored", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: none }),
  /** A link with which everybody can create requests about `related.asset`. */
  defineEvent({ ...ofRequestFormLink, type: "requestFormLink.created" }),
  /** The link has ended. */
  defineEvent({ ...ofRequestFormLink, type: "requestFormLink.revoked" }),
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
    payload: ofReading.payload.omit({ readAt: true }).extend({ kind: z.enum(["ABOVE", "BELOW", "EVERY"]), threshold: z.number() }),
  }),
  defineEvent({ type: "vendor.created", version: 1, subject: "vendor", related: ["instance"], visibility: "subject", payload: none }),
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
  defineEvent({ ...ofContract, type: "contract.created", payload: none }),
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
  defineEvent({ ...ofVendorRating, type: "vendorRating.created" }),
  defineEvent({ ...ofVendorRating, type: "vendorRating.updated" }),
  defineEvent({ type: "project.created", version: 1, subject: "project", related: ["instance"], visibility: "subject", payload: none }),
  defineEvent({ type: "project.updated", version: 1, subject: "project", related: ["instance"], visibility: "subject", payload: changed }),
  defineEvent({ type: "project.deleted", version: 1, subject: "project", related: ["instance"], visibility: "subject", payload: none }),
  defineEvent({ type: "project.restored", version: 1, subject: "project", related: ["instance"], visibility: "subject", payload: none }),
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
  defineEvent({ ...ofTaskDependency, type: "taskDependency.created", payload: none }),
  defineEvent({ ...ofTaskDependency, type: "taskDependency.updated", payload: changed }),
  defineEvent({ ...ofTaskDependency, type: "taskDependency.deleted", payload: none }),
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
