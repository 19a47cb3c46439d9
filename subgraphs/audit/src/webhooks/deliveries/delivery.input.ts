import { column, columns, createInputOf, standardColumns } from "@weft/api/columns";

export const RedeliverWebhookInput = createInputOf(
  "RedeliverWebhookInput",
  columns({
    deliveryId: column.id("ID of the delivery to repeat (`whd_…`). If it still waits for its next attempt, it is tried now.", {
      nullable: true,
    }),
    webhookId: column.id(
      "ID of the webhook whose deliveries are repeated (`whk_…`). Optional with `deliveryId`, which must then be one of its deliveries.",
      { nullable: true },
    ),
    from: column.time("Start of the period in which the deliveries were queued.", { nullable: true }),
    to: column.time("End of the period.", { nullable: true }),
    onlyFailed: column.flag(
      "Whether all failed deliveries are repeated, except those of which a repetition waits or has succeeded (default false).",
      { nullable: true },
    ),
    ...standardColumns.idempotencyKey,
  }),
  "The deliveries to repeat: either one (`deliveryId`), or those of a webhook that were queued in a period (`webhookId`, `from`, `to`) or failed (`webhookId`, `onlyFailed`).",
);
export type RedeliverWebhookInput = InstanceType<typeof RedeliverWebhookInput>;
