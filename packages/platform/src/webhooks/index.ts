export { webhookBody, webhookBodyField, webhookMessageId } from "./event-body.js";
export {
  claimPayloads,
  dropPayload,
  failPayload,
  PAYLOAD_LEASE_SECONDS,
  type PayloadClaim,
  payloadQueue,
  postponePayload,
  storePayload,
} from "./payload.store.js";
export { isWebhookSignature, newWebhookSecret, webhookSignature } from "./standard-webhooks.js";
