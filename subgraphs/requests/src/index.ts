// type-graphql asks for it before the first decorator runs, although nothing emits metadata.
import "reflect-metadata";
export { listJobs } from "./list-jobs.js";
export { dueAssetDates } from "./asset-dates/due-dates.js";
export { dueEncryptions } from "./custom-fields/encrypt-values/due-encryptions.js";
export { pastExports } from "./exports/past-exports.js";
export { pastImports } from "./imports/past-imports.js";
export {
  countEmailReply,
  findReplyRefusal,
  receiveEmailReply,
  type EmailReply,
  type EmailReplyRefusal,
  type EmailReplyResult,
} from "./email-replies/email-reply.service.js";
export {
  countRequestEmail,
  findRequestEmailRefusal,
  receiveRequestEmail,
  type RequestEmailRefusal,
} from "./inbound-mail-addresses/receive-email.service.js";
export { endedEditors, endEditorsWithSessions } from "./editors/ended-editors.js";
export { duePlans } from "./maintenance/run/due-plans.js";
export { assignmentConsumer } from "./requests/assignment.consumer.js";
export { endedOriginals } from "./links/ended-originals.js";
export { dueOffers } from "./vendor-offers/due-offers.js";
export { requestsSubgraph } from "./schema.js";
