import { Allow, canInTenant, DateTimeScalar, encodeId, JsonScalar, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { TriggerRow } from "./trigger.store.js";

export const IntegrationTriggerStatus = { ACTIVE: "ACTIVE", PAUSED: "PAUSED" } as const;
export type IntegrationTriggerStatus = keyof typeof IntegrationTriggerStatus;

registerEnumType(IntegrationTriggerStatus, {
  name: "IntegrationTriggerStatus",
  description: "Whether a trigger of an integration polls.",
  valuesConfig: {
    ACTIVE: { description: "It polls at its interval, while its integration is active, too." },
    PAUSED: { description: "It does not poll. When it is active again, it continues where it was." },
  },
});

@ObjectType({
  description:
    "A trigger of an integration: Weft asks the system at an interval what is new, and publishes each item as a custom event, once. The events are published in the name of the user who last saved the trigger.",
})
@Allow(canInTenant("integration.read"))
export class IntegrationTrigger {
  @Field(() => ID, { description: "ID (`itr_…`)." })
  id!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "Key of the trigger of the connector, such as `newItems`. See `Connector.triggers`." })
  trigger!: string;

  @Field(() => JsonScalar, { description: "Configuration. It matches `ConnectorTrigger.configurationSchema`." })
  configuration!: unknown;

  @Field(() => Int, { description: "Seconds between polls." })
  intervalSeconds!: number;

  @Field(() => String, { description: "Name of the custom event that an item becomes." })
  eventType!: string;

  @Field(() => String, { description: "Condition in CEL over `body`, the item. If empty, every item becomes an event." })
  condition!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Payload of the event: expressions by property. Null: the payload is the item." })
  payload!: unknown;

  @Field(() => String, { nullable: true, description: "Expression for the ID of the object that the event is about." })
  subject!: string | null;

  @Field(() => IntegrationTriggerStatus, { description: "Whether it polls." })
  status!: IntegrationTriggerStatus;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time of the poll from which on new items are published. Null until the first poll succeeds, and after a restart.",
  })
  startedAt!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time from which on it is polled next. Null if it is paused. Polls also wait while the integration is paused or blocked.",
  })
  nextPollAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Start of the last poll." })
  lastPolledAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last poll that succeeded." })
  lastSucceededAt!: string | null;

  @Field(() => Int, { description: "Number of consecutive polls that failed. After each, the next one waits longer, up to an hour." })
  failuresInRow!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last error." })
  lastErrorAt!: string | null;

  @Field(() => Int, { description: "Number of items that became an event." })
  publishedCount!: number;

  @Field(() => Int, { description: "Number of items for which the condition does not hold." })
  ignoredCount!: number;

  @Field(() => Int, { description: "Number of items that could not become an event. See `lastError`." })
  failedCount!: number;

  @Field(() => Int, { description: "Version number, incremented on every change. Polls do not change it." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** For field resolvers. The error is sealed. */
  uuid!: string;
  integrationUuid!: string;
  actsAsUuid!: string;
  createdByUuid!: string;
  sealedError!: string | null;
}

/** Converts a row to its API type. */
export function toIntegrationTrigger(row: TriggerRow): IntegrationTrigger {
  const { name, trigger, configuration, intervalSeconds, eventType, condition, payload, subject, startedAt, lastPolledAt } = row;
  const { lastSucceededAt, failuresInRow, lastErrorAt, publishedCount, ignoredCount, failedCount, version, createdAt, updatedAt } = row;
  return Object.assign(new IntegrationTrigger(), {
    id: encodeId("integrationTrigger", row.id),
    name,
    trigger,
    configuration,
    intervalSeconds,
    eventType,
    condition,
    payload,
    subject,
    status: row.status as IntegrationTriggerStatus,
    startedAt,
    nextPollAt: row.status === "ACTIVE" ? row.nextPollAt : null,
    lastPolledAt,
    lastSucceededAt,
    failuresInRow,
    lastErrorAt,
    publishedCount,
    ignoredCount,
    failedCount,
    version,
    createdAt,
    updatedAt,
    uuid: row.id,
    integrationUuid: row.integrationId,
    actsAsUuid: row.userId,
    createdByUuid: row.createdBy,
    sealedError: row.lastError,
  });
}

export const IntegrationTriggerPayload = payloadOf(IntegrationTrigger, "trigger");
export type IntegrationTriggerPayload = InstanceType<typeof IntegrationTriggerPayload>;
