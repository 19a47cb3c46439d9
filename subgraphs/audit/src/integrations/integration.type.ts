import type { Connector as ConnectorOf, ConnectorAction as ActionOf, ConnectorTrigger as TriggerOf } from "@weft/connectors";
import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import type { IntegrationRow } from "./integration.store.js";

export const IntegrationStatus = { ACTIVE: "ACTIVE", PAUSED: "PAUSED" } as const;
export type IntegrationStatus = keyof typeof IntegrationStatus;
export const IntegrationHealth = { UNKNOWN: "UNKNOWN", HEALTHY: "HEALTHY", UNHEALTHY: "UNHEALTHY" } as const;
export type IntegrationHealth = keyof typeof IntegrationHealth;

registerEnumType(IntegrationStatus, {
  name: "IntegrationStatus",
  description: "Whether calls of an integration are sent, and its triggers polled.",
  valuesConfig: {
    ACTIVE: { description: "Calls are sent, and triggers polled." },
    PAUSED: { description: "Calls and polls wait until the integration is active again." },
  },
});
registerEnumType(IntegrationHealth, {
  name: "IntegrationHealth",
  description: "Result of the last check, call or poll of an integration.",
  valuesConfig: {
    UNKNOWN: { description: "Not checked, called or polled yet, or changed since." },
    HEALTHY: { description: "The system answered." },
    UNHEALTHY: { description: "The system could not be reached, or refused the credentials. See `lastError`." },
  },
});

const connectorActionColumns = columns({
  key: column.text("Key. Pass it to `callIntegration` as `action`."),
  description: column.text("What it does."),
  inputSchema: column.json("JSON Schema of the input."),
  outputSchema: column.json("JSON Schema of the result."),
});

@ShowColumns(connectorActionColumns)
@ObjectType({ description: "An action of a connector or an integration." })
@Allow(inherit)
export class ConnectorAction extends shapeOf(connectorActionColumns) {}

const connectorTriggerColumns = columns({
  key: column.text("Key. Pass it to `createIntegrationTrigger` as `trigger`."),
  description: column.text("What it notices."),
  configurationSchema: column.json("JSON Schema of the configuration."),
  itemSchema: column.json("JSON Schema of an item, which expressions read as `body`."),
});

@ShowColumns(connectorTriggerColumns)
@ObjectType({ description: "A trigger of a connector: a way to notice what is new in a system." })
@Allow(inherit)
export class ConnectorTrigger extends shapeOf(connectorTriggerColumns) {}

const connectorColumns = columns({
  key: column.text("Key, such as `HTTP`. Pass it to `createIntegration` as `connector`."),
  name: column.text("Name."),
  description: column.text("What it connects to."),
  configurationSchema: column.json("JSON Schema of the configuration of integrations."),
  credentialsSchema: column.json("JSON Schema of the credentials of integrations."),
  actions: column.of(
    () => [ConnectorAction],
    "Actions of all its integrations. Empty if they depend on the configuration; see `Integration.actions`.",
  ),
  triggers: column.of(() => [ConnectorTrigger], "Triggers. Empty if the system can only be called."),
});

@ShowColumns(connectorColumns)
@ObjectType({ description: "A kind of system that integrations can connect to." })
@Allow(canInTenant("integration.read"))
export class Connector extends shapeOf(connectorColumns) {}

export const integrationColumns = columns({
  id: column.id("ID (`itg_…`).", { created: false, updated: "The integration.", requiredInUpdate: true, isKey: true }),
  expectedVersion: column.int("Version that you read. If it has changed since, the call fails with CONFLICT.", {
    shown: false,
    created: false,
    isKey: true,
  }),
  key: column.text("Key, unique in the tenant. Workflow definitions reference it.", {
    created: "Key, unique in the tenant: words of lower-case letters and digits, joined by hyphens. Cannot be changed.",
    updated: false,
  }),
  name: column.text("Name.", { max: 200, updated: "New name (1 to 200 characters)." }),
  connector: column.text("Key of its connector, such as `HTTP`. See `connectors`.", {
    created: "Key of the connector. See `connectors`. Cannot be changed.",
    updated: false,
  }),
  configuration: column.json("Configuration. It matches the schema of the connector.", {
    created: "Configuration. It must match `Connector.configurationSchema`.",
    updated: "New configuration. If it has another destination, pass the credentials again.",
  }),
  credentials: column.json("Credentials. They must match `Connector.credentialsSchema`. They are encrypted, and never returned.", {
    shown: false,
    updated: "New credentials, which replace all of the previous ones.",
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({ credentialNames: column.texts("Names of the credentials that are set. Their values are never returned.") }),
  status: column.of(() => IntegrationStatus, "Whether its calls are sent and its triggers polled.", {
    created: false,
    updated: "New status.",
  }),
  ...column.shownOnly({
    health: column.of(() => IntegrationHealth, "Result of the last check, call or poll."),
    checkedAt: column.time("Time of the last check. Null if it was never checked.", { nullable: true }),
    lastError: column.text("Last error of a check, call or poll.", { nullable: true }),
    lastErrorAt: column.time("Time of the last error.", { nullable: true }),
    failuresInRow: column.int("Number of consecutive failures of the system. After 5, calls and polls wait until `blockedUntil`."),
    blockedUntil: column.time("Time until which calls and polls wait, because the system failed repeatedly.", { nullable: true }),
    callsInHour: column.int("Number of attempts to send calls in the current clock hour (UTC)."),
    limitedUntil: column.time(
      "Time until which calls wait, because the number of calls per hour of the integration or the organization is reached.",
      { nullable: true },
    ),
    callCount: column.int("Number of calls that ended."),
    failedCallCount: column.int("Number of calls that ended without success."),
    lastCalledAt: column.time("Time at which the last call ended.", { nullable: true }),
    actions: column.of(() => [ConnectorAction], "Actions that can be called."),
    version: column.int("Version number, incremented on every change. Calls, polls and checks do not change it."),
  }),
  ...standardColumns.times,
});

@ShowColumns(integrationColumns)
@ObjectType({ description: "A connection to a system of the organization. Workflows call its actions." })
@Allow(canInTenant("integration.read"))
export class Integration extends shapeOf(integrationColumns) {
  /** UUIDs, for field resolvers. */
  uuid!: string;
  createdByUuid!: string;
}

export const CreateIntegrationInput = createInputOf("CreateIntegrationInput", integrationColumns);
export type CreateIntegrationInput = InstanceType<typeof CreateIntegrationInput>;

export const UpdateIntegrationInput = updateInputOf("UpdateIntegrationInput", integrationColumns);
export type UpdateIntegrationInput = InstanceType<typeof UpdateIntegrationInput>;

export const { Connection: IntegrationConnection } = connectionOf(Integration, "Integration");

const toAction = ({ key, description, input, output }: ActionOf): ConnectorAction =>
  Object.assign(new ConnectorAction(), { key, description, inputSchema: input, outputSchema: output });

const toTrigger = ({ key, description, input, item }: TriggerOf): ConnectorTrigger =>
  Object.assign(new ConnectorTrigger(), { key, description, configurationSchema: input, itemSchema: item });

/** Converts a connector to its API type. */
export function toConnector({ key, name, description, configuration, credentials, actionsOf, triggersOf }: ConnectorOf): Connector {
  return Object.assign(new Connector(), {
    key,
    name,
    description,
    configurationSchema: configuration,
    credentialsSchema: credentials,
    actions: actionsOf(null).map(toAction),
    triggers: triggersOf().map(toTrigger),
  });
}

/** Converts a row to its API type. The actions are those of its connector. */
export function toIntegration(row: IntegrationRow, actions: readonly ActionOf[]): Integration {
  const { id, createdBy, status, health, hourStartedAt, callsInHour } = row;
  const isCurrent = hourStartedAt !== null && Date.now() < Date.parse(hourStartedAt) + 3_600_000;
  return Object.assign(new Integration(), integrationColumns.shown(row), {
    callsInHour: isCurrent ? callsInHour : 0,
    id: encodeId("integration", id),
    status: status as IntegrationStatus,
    health: health as IntegrationHealth,
    actions: actions.map(toAction),
    uuid: id,
    createdByUuid: createdBy,
  });
}

export const IntegrationPayload = payloadOf(Integration, "integration");
export type IntegrationPayload = InstanceType<typeof IntegrationPayload>;
