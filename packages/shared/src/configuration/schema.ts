/**
 * The JSON Schema (draft 2020-12) of a configuration document: the single list of settings. Beside the standard's words:
 * - `x-weft-levels`: at which levels the value may be set
 * - `x-weft-strictest`: where several levels set it, the HIGHEST or the LOWEST value counts, so that a tenant tightens a rule of its operators and
 *   never loosens it; elsewhere the narrower level wins
 * - `x-weft-public`: everybody in the tenant sees the value; elsewhere `configuration.read` is needed
 */

/** From the widest to the narrowest; CONTRACT is what the platform's operators set for one tenant. */
export const configurationLevels = ["PLATFORM", "PLAN", "CONTRACT", "TENANT", "TEAM"] as const;
export type ConfigurationLevel = (typeof configurationLevels)[number];

/** A schema, as far as Weft itself reads it. */
export interface SchemaNode {
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly default?: unknown;
  readonly "x-weft-levels"?: readonly ConfigurationLevel[];
  readonly "x-weft-strictest"?: "HIGHEST" | "LOWEST";
  readonly "x-weft-public"?: boolean;
  /** Words of the standard that only the validator reads. */
  readonly [keyword: string]: unknown;
}

const byOperators = { "x-weft-levels": ["PLATFORM", "PLAN", "CONTRACT"] } satisfies SchemaNode;
const downToTenant = { "x-weft-levels": ["PLATFORM", "PLAN", "CONTRACT", "TENANT"] } satisfies SchemaNode;
const everywhere = { "x-weft-levels": [...configurationLevels], "x-weft-public": true } satisfies SchemaNode;

const limit = (title: string, description: string): SchemaNode => ({
  title,
  description: `${description} null: no limit.`,
  type: ["integer", "null"],
  minimum: 0,
  maximum: 1_000_000_000_000_000,
  default: null,
  ...byOperators,
});

const text = (title: string, description: string): SchemaNode => ({
  title,
  description,
  type: ["string", "null"],
  minLength: 1,
  maxLength: 200,
  format: "single-line",
  default: null,
  ...everywhere,
});

const span = { from: "09:00", to: "17:00" };

const day = (title: string, hours: readonly object[]): SchemaNode => ({
  title,
  description: "From when to when people work, in order and without overlaps; none: a day off.",
  type: "array",
  maxItems: 6,
  items: {
    type: "object",
    properties: {
      from: { type: "string", pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$" },
      to: { type: "string", pattern: "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$" },
    },
    required: ["from", "to"],
    additionalProperties: false,
  },
  default: hours,
  ...everywhere,
});

const section = (title: string, description: string, properties: Readonly<Record<string, SchemaNode>>): SchemaNode => ({
  title,
  description,
  type: "object",
  properties,
  additionalProperties: false,
});

/** Published by the query `configurationSchema`. */
export const configurationSchema: SchemaNode = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "urn:weft:configuration",
  title: "Configuration",
  description: "What one level sets; what it leaves out comes from the level above, at last from the defaults here.",
  type: "object",
  properties: {
    features: {
      title: "Features",
      description: "Switches that clients read, by name; what nobody has set is off.",
      type: "object",
      propertyNames: { pattern: "^[a-z][A-Za-z0-9]{0,63}$" },
      additionalProperties: { type: "boolean" },
      maxProperties: 100,
      "x-weft-public": true,
      ...byOperators,
    },
    limits: section("Limits", "How much the tenant may use.", {
      users: limit("Users", "People and services that are active or invited."),
      definitions: limit("Definitions", "Workflow definitions, each counted once whatever its versions."),
      runningInstances: limit("Running instances", "Workflow instances that have not ended."),
      executionsPerHour: limit("Executions per hour", "Workflow instances started in a clock hour (UTC)."),
      executionsPerMonth: limit("Executions per month", "Workflow instances started in a calendar month (UTC)."),
      storageBytes: limit("Storage", "Bytes of files."),
      // With none at all nobody could undo it, the operators neither.
      operationsPerMinute: { ...limit("Operations per minute", "GraphQL operations."), minimum: 1 },
    }),
    branding: section("Branding", "How clients show the tenant or the team.", {
      name: text("Name", "What the product is called there."),
      logoUrl: { ...text("Logo", "Address of an image; https alone."), maxLength: 2000, format: "https-url" },
      primaryColor: { ...text("Colour", "As #rrggbb."), pattern: "^#[0-9a-fA-F]{6}$" },
      supportEmail: { ...text("Support", "Where people ask for help."), pattern: "^[^@\\s]+@[^@\\s]+$" },
    }),
    security: section("Security", "What logins must meet.", {
      passwordMinLength: {
        title: "Length of passwords",
        description: "Least number of characters of a new password. A demo takes 6 as long as nobody sets it.",
        type: "integer",
        minimum: 8,
        maximum: 128,
        default: 8,
        "x-weft-strictest": "HIGHEST",
        "x-weft-public": true,
        ...downToTenant,
      },
      fourEyesPublishing: {
        title: "Four eyes for publishing",
        description: "A definition is published by somebody who is none of its authors, and by no service account.",
        type: "boolean",
        default: false,
        "x-weft-strictest": "HIGHEST",
        ...downToTenant,
      },
      sessionLifetimeHours: {
        title: "Length of sessions",
        description:
          "Hours after which everybody logs in again, however busy. Shorter at once for open sessions: they are not renewed any more.",
        type: "integer",
        minimum: 1,
        maximum: 8760,
        default: 2160,
        "x-weft-strictest": "LOWEST",
        ...downToTenant,
      },
      sessionIdleHours: {
        title: "Idle sessions",
        description: "Hours without a renewal after which a session is over; counts from the next renewal.",
        type: "integer",
        minimum: 1,
        maximum: 2160,
        default: 336,
        "x-weft-strictest": "LOWEST",
        ...downToTenant,
      },
    }),
    retention: section("Retention", "How long things are kept.", {
      archivedTenantDays: {
        title: "Archived tenants",
        description: "Days after which an archived tenant is deleted for good; what counts is the value on the day of archiving.",
        type: "integer",
        minimum: 1,
        maximum: 3650,
        default: 30,
        ...byOperators,
      },
      idempotencyKeyHours: {
        title: "Idempotency keys",
        description: "Hours for which a key answers again.",
        type: "integer",
        minimum: 24,
        maximum: 720,
        default: 48,
        ...byOperators,
      },
    }),
    locale: {
      title: "Locale",
      description: "Language and region, as a BCP 47 tag: de-AT.",
      type: "string",
      maxLength: 64,
      format: "language-tag",
      default: "en",
      ...everywhere,
    },
    timeZone: {
      title: "Time zone",
      description: "Of the IANA database: Europe/Vienna.",
      type: "string",
      maxLength: 64,
      format: "time-zone",
      default: "UTC",
      ...everywhere,
    },
    workingHours: section("Working hours", "In the time zone of the same configuration.", {
      monday: day("Monday", [span]),
      tuesday: day("Tuesday", [span]),
      wednesday: day("Wednesday", [span]),
      thursday: day("Thursday", [span]),
      friday: day("Friday", [span]),
      saturday: day("Saturday", []),
      sunday: day("Sunday", []),
    }),
    holidays: {
      title: "Holidays",
      description: "Days on which nobody works, whatever the weekday; each date once.",
      type: "array",
      maxItems: 500,
      items: {
        type: "object",
        properties: {
          date: { type: "string", format: "date" },
          name: { type: "string", minLength: 1, maxLength: 200, format: "single-line" },
        },
        required: ["date", "name"],
        additionalProperties: false,
      },
      default: [],
      ...everywhere,
    },
  },
  additionalProperties: false,
};
