import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
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

export const integrationTriggerColumns = columns({
  integrationId: column.id("The integration.", { shown: false, updated: false }),
  id: column.id("ID (`itr_…`).", { created: false, updated: "The trigger.", requiredInUpdate: true, isKey: true }),
  expectedVersion: column.int("Version that you read. If it has changed since, the call fails with CONFLICT.", {
    shown: false,
    created: false,
    isKey: true,
  }),
  name: column.text("Display name.", {
    max: 200,
    created: "Display name, at most 200 characters.",
    updated: "New name, at most 200 characters.",
  }),
  trigger: column.text("Key of the trigger of the connector, such as `newItems`. See `Connector.triggers`.", {
    created: "Key of a trigger of the connector. See `Connector.triggers`. Cannot be changed.",
    updated: false,
  }),
  configuration: column.json("Configuration. It matches `ConnectorTrigger.configurationSchema`.", {
    created: "Configuration. It must match `ConnectorTrigger.configurationSchema`.",
    updated: "New configuration. If it differs, the next poll starts again: only items that are new after it are published.",
  }),
  intervalSeconds: column.int("Seconds between polls.", {
    created: "Seconds between polls: 60 to 86400.",
    updated: "New number of seconds between polls: 60 to 86400.",
    initial: 300,
  }),
  eventType: column.text("Name of the custom event that an item becomes.", {
    created: "Name of the custom event that an item becomes. Declare it first with `declareEventType`.",
    updated: "Name of the custom event that an item becomes.",
  }),
  condition: column.text("Condition in CEL over `body`, the item. If empty, every item becomes an event.", {
    created: "Condition in CEL over `body`, the item. Example: `body.total > 100`. If null or empty, every item becomes an event.",
    optional: true,
  }),
  payload: column.json("Payload of the event: expressions by property. Null: the payload is the item.", {
    created: 'Payload of the event: expressions by property. Example: `{ number: "body.number" }`. If null, the payload is the item.',
    nullable: true,
  }),
  subject: column.text("Expression for the ID of the object that the event is about.", {
    created:
      "Expression for the ID of the object that the event is about, for example `body.requestId`. The object must be visible to you.",
    nullable: true,
  }),
  status: column.of(() => IntegrationTriggerStatus, "Whether it polls.", { created: false }),
  isFromBeginning: column.flag("Whether items that exist already are published, too. Otherwise, the first poll publishes nothing.", {
    shown: false,
    updated: "If true, the next poll starts again, and all items that exist are published, also those that were published before.",
    initial: false,
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    startedAt: column.time(
      "Time of the poll from which on new items are published. Null until the first poll succeeds, and after a restart.",
      { nullable: true },
    ),
    nextPollAt: column.time(
      "Time from which on it is polled next. Null if it is paused. Polls also wait while the integration is paused or blocked.",
      { nullable: true },
    ),
    lastPolledAt: column.time("Start of the last poll.", { nullable: true }),
    lastSucceededAt: column.time("Time of the last poll that succeeded.", { nullable: true }),
    failuresInRow: column.int("Number of consecutive polls that failed. After each, the next one waits longer, up to an hour."),
    lastErrorAt: column.time("Time of the last error.", { nullable: true }),
    publishedCount: column.int("Number of items that became an event."),
    ignoredCount: column.int("Number of items for which the condition does not hold."),
    failedCount: column.int("Number of items that could not become an event. See `lastError`."),
    version: column.int("Version number, incremented on every change. Polls do not change it."),
  }),
  ...standardColumns.times,
});

@ShowColumns(integrationTriggerColumns)
@ObjectType({
  description:
    "A trigger of an integration: Weft asks the system at an interval what is new, and publishes each item as a custom event, once. The events are published in the name of the user who last saved the trigger.",
})
@Allow(canInTenant("integration.read"))
export class IntegrationTrigger extends shapeOf(integrationTriggerColumns) {
  /** For field resolvers. The error is sealed. */
  uuid!: string;
  integrationUuid!: string;
  actsAsUuid!: string;
  createdByUuid!: string;
  sealedError!: string | null;
}

// In the inputs, these come first.
const { condition, payload, subject, ...others } = integrationTriggerColumns.map;
const inputColumns = columns({ condition, payload, subject, ...others });

export const CreateIntegrationTriggerInput = createInputOf(
  "CreateIntegrationTriggerInput",
  inputColumns,
  "Input of `createIntegrationTrigger`. The trigger publishes events in your name.",
);
export type CreateIntegrationTriggerInput = InstanceType<typeof CreateIntegrationTriggerInput>;

export const UpdateIntegrationTriggerInput = updateInputOf(
  "UpdateIntegrationTriggerInput",
  inputColumns,
  "Input of `updateIntegrationTrigger`. Omitted fields keep their values. From then on, the trigger publishes events in your name, unless you change only its status.",
);
export type UpdateIntegrationTriggerInput = InstanceType<typeof UpdateIntegrationTriggerInput>;

/** Converts a row to its API type. */
export function toIntegrationTrigger(row: TriggerRow): IntegrationTrigger {
  return Object.assign(new IntegrationTrigger(), integrationTriggerColumns.shown(row), {
    id: encodeId("integrationTrigger", row.id),
    status: row.status as IntegrationTriggerStatus,
    nextPollAt: row.status === "ACTIVE" ? row.nextPollAt : null,
    uuid: row.id,
    integrationUuid: row.integrationId,
    actsAsUuid: row.userId,
    createdByUuid: row.createdBy,
    sealedError: row.lastError,
  });
}

export const IntegrationTriggerPayload = payloadOf(IntegrationTrigger, "trigger");
export type IntegrationTriggerPayload = InstanceType<typeof IntegrationTriggerPayload>;
