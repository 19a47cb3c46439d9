import { z } from "zod";
import { changed, principal } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

/**
 * Events of comments on a request. The policy of the log hides those of the audience INTERNAL from users of a vendor, so the name and the value must
 * stay as they are.
 */
const ofRequestComment = {
  related: ["instance", "requestComment"],
  visibility: "subject",
  payload: z.strictObject({
    requestCommentId: z.uuid(),
    audience: z.enum(["INTERNAL", "PUBLIC"]),
    /** IDs of the users whom the comment mentions; for an edit, those whom it did not mention before. */
    mentionedIds: z.array(z.uuid()),
  }),
} as const;

export const request = {
  types: { request: { prefix: "req", typeName: "Request", table: "requests.requests", role: "entity" } },
  permissions: {
    "request.read": "View requests.",
    "request.create": "Create requests.",
    "request.update": "Change the fields of requests.",
    "request.submit": "Submit requests.",
    "request.cancel": "Cancel requests.",
    "request.assign": "Assign requests to a user, a team, or a vendor.",
    "request.triage": "Set the priority, due date, tags, and watchers of requests.",
    "request.delete": "Delete ended requests, and restore them.",
    "request.comment": "Comment on requests, and edit your own comments.",
  },
  isChangedByOperators: true,
  events: {
    "request.created": {
      related: ["instance", "requestType", "building", "asset"],
      visibility: "subject",
      payload: z.strictObject({ number: z.string(), typeKey: z.string() }),
    },
    "request.updated": { related: ["instance"], visibility: "subject", payload: changed },
    "request.assigned": {
      related: ["instance", "user", "team", "vendor"],
      visibility: "subject",
      payload: z.strictObject({ assignee: principal }),
    },
    /** Whose the request was: lists remove it for the users who saw it. */
    "request.deleted": {
      related: ["instance"],
      visibility: "subject",
      payload: z.strictObject({ ownerId: z.uuid(), teamId: z.uuid().nullable(), assignee: principal }),
    },
    "request.restored": { related: ["instance"], visibility: "subject" },
    /** A link to another request was added. Internal, because users of a vendor might not see the other request. */
    "request.linked": {
      related: ["instance"],
      visibility: "subject",
      payload: z.strictObject({
        kind: z.enum(["BLOCKS", "DUPLICATES", "PARENT_OF", "RELATES_TO"]),
        fromId: z.uuid(),
        toId: z.uuid(),
        audience: z.literal("INTERNAL"),
      }),
    },
    /** The request has another type, and another workflow: `related.instance`. */
    "request.converted": {
      related: ["instance", "requestType"],
      visibility: "subject",
      payload: z.strictObject({ fromTypeKey: z.string(), toTypeKey: z.string() }),
    },
    /** Another request was merged into this one. Internal, because users of a vendor might not see the other request. */
    "request.merged": {
      related: ["instance"],
      visibility: "subject",
      payload: z.strictObject({ fromId: z.uuid(), audience: z.literal("INTERNAL") }),
    },
    /** A part of the request became another one. Internal, because users of a vendor might not see the other request. */
    "request.split": {
      related: ["instance"],
      visibility: "subject",
      payload: z.strictObject({ newId: z.uuid(), audience: z.literal("INTERNAL") }),
    },
    /** A comment was added. Its text is in the comment. */
    "request.commented": ofRequestComment,
    /** The author has edited a comment. */
    "request.comment_edited": ofRequestComment,
    /** The author or a moderator has deleted a comment. */
    "request.comment_deleted": ofRequestComment,
  },
} as const satisfies Aggregate;
