import { encodeId } from "@weft/shared/ids";

/** Type of the deliveries of `testWebhook`. No event has it. */
export const TEST_TYPE = "webhook.test";

/** Returns the body of a test. */
export const testBody = ({ webhookId, at }: { readonly webhookId: string; readonly at: string }): string =>
  JSON.stringify({ type: TEST_TYPE, timestamp: at, data: { webhookId: encodeId("webhook", webhookId) } });
