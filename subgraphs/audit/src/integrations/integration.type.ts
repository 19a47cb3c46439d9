import type { Connector as ConnectorOf, ConnectorAction as ActionOf, ConnectorTrigger as TriggerOf } from "@weft/connectors";
import { Allow, canInTenant, connectionOf, DateTimeScalar, encodeId, inherit, JsonScalar, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "An action of a connector or an integration." })
@Allow(inherit)
export class ConnectorAction {
  @Field(() => String, { description: "Key. Pass it to `callIntegration` as `action`." })
  key!: string;

  @Field(() => String, { description: "What it does." })
  description!: string;

  @Field(() => JsonScalar, { description: "JSON Schema of the input." })
  inputSchema!: unknown;

  @Field(() => JsonScalar, { description: "JSON Schema of the result." })
  outputSchema!: unknown;
}

@ObjectType({ description: "A trigger of a connector: a way to notice what is new in a system." })
@Allow(inherit)
export class ConnectorTrigger {
  @Field(() => String, { description: "Key. Pass it to `createIntegrationTrigger` as `trigger`." })
  key!: string;

  @Field(() => String, { description: "What it notices." })
  description!: string;

  @Field(() => JsonScalar, { description: "JSON Schema of the configuration." })
  configurationSchema!: unknown;

  @Field(() => JsonScalar, { description: "JSON Schema of an item, which expressions read as `body`." })
  itemSchema!: unknown;
}

@ObjectType({ description: "A kind of system that integrations can connect to." })
@Allow(canInTenant("integration.read"))
export class Connector {
  @Field(() => String, { description: "Key, such as `HTTP`. Pass it to `createIntegration` as `connector`." })
  key!: string;

  @Field(() => String, { description: "Name." })
  name!: string;

  @Field(() => String, { description: "What it connects to." })
  description!: string;

  @Field(() => JsonScalar, { description: "JSON Schema of the configuration of integrations." })
  configurationSchema!: unknown;

  @Field(() => JsonScalar, { description: "JSON Schema of the credentials of integrations." })
  credentialsSchema!: unknown;

  @Field(() => [ConnectorAction], {
    description: "Actions of all its integrations. Empty if they depend on the configuration; see `Integration.actions`.",
  })
  actions!: ConnectorAction[];

  @Field(() => [ConnectorTrigger], { description: "Triggers. Empty if the system can only be called." })
  triggers!: ConnectorTrigger[];
}

@ObjectType({ description: "A connection to a system of the organization. Workflows call its actions." })
@Allow(canInTenant("integration.read"))
export class Integration {
  @Field(() => ID, { description: "ID (`itg_…`)." })
  id!: string;

  @Field(() => String, { description: "Key, unique in the tenant. Workflow definitions reference it." })
  key!: string;

  @Field(() => String, { description: "Name." })
  name!: string;

  @Field(() => String, { description: "Key of its connector, such as `HTTP`. See `connectors`." })
  connector!: string;

  @Field(() => JsonScalar, { description: "Configuration. It matches the schema of the connector." })
  configuration!: unknown;

  @Field(() => [String], { description: "Names of the credentials that are set. Their values are never returned." })
  credentialNames!: readonly string[];

  @Field(() => IntegrationStatus, { description: "Whether its calls are sent and its triggers polled." })
  status!: IntegrationStatus;

  @Field(() => IntegrationHealth, { description: "Result of the last check, call or poll." })
  health!: IntegrationHealth;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last check. Null if it was never checked." })
  checkedAt!: string | null;

  @Field(() => String, { nullable: true, description: "Last error of a check, call or poll." })
  lastError!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last error." })
  lastErrorAt!: string | null;

  @Field(() => Int, { description: "Number of consecutive failures of the system. After 5, calls and polls wait until `blockedUntil`." })
  failuresInRow!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time until which calls and polls wait, because the system failed repeatedly.",
  })
  blockedUntil!: string | null;

  @Field(() => Int, { description: "Number of attempts to send calls in the current clock hour (UTC)." })
  callsInHour!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time until which calls wait, because the number of calls per hour of the integration or the organization is reached.",
  })
  limitedUntil!: string | null;

  @Field(() => Int, { description: "Number of calls that ended." })
  callCount!: number;

  @Field(() => Int, { description: "Number of calls that ended without success." })
  failedCallCount!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the last call ended." })
  lastCalledAt!: string | null;

  @Field(() => [ConnectorAction], { description: "Actions that can be called." })
  actions!: ConnectorAction[];

  @Field(() => Int, { description: "Version number, incremented on every change. Calls, polls and checks do not change it." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUIDs, for field resolvers. */
  uuid!: string;
  createdByUuid!: string;
}

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
  const { id, credentials: _credentials, createdBy, status, health, hourStartedAt, callsInHour, ...shown } = row;
  const isCurrent = hourStartedAt !== null && Date.now() < Date.parse(hourStartedAt) + 3_600_000;
  return Object.assign(new Integration(), shown, {
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
