import { notificationKinds } from "./notification-kinds.js";

/**
 * The JSON Schema (draft 2020-12) of a configuration document: the only list of settings. In addition to the standard keywords:
 * - `x-weft-levels`: levels at which the value can be set
 * - `x-weft-strictest`: if several levels set the value, the HIGHEST or the LOWEST one wins (of an `enum`: the last or the first one), so that a tenant can tighten a rule of its operators but
 *   never loosen it; otherwise the narrower level wins
 * - `x-weft-public`: every user of the tenant can see the value; otherwise `configuration.read` is required
 */

/** Ordered from the widest to the narrowest. CONTRACT contains the settings of the platform operators for one tenant. */
export const configurationLevels = ["PLATFORM", "PLAN", "CONTRACT", "TENANT", "TEAM"] as const;
export type ConfigurationLevel = (typeof configurationLevels)[number];

/** A schema, limited to what Weft itself reads. */
export interface SchemaNode {
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly default?: unknown;
  readonly "x-weft-levels"?: readonly ConfigurationLevel[];
  readonly "x-weft-strictest"?: "HIGHEST" | "LOWEST";
  readonly "x-weft-public"?: boolean;
  /** Standard keywords that only the validator reads. */
  readonly [keyword: string]: unknown;
}

const byOperators = { "x-weft-levels": ["PLATFORM", "PLAN", "CONTRACT"] } satisfies SchemaNode;
const downToTenant = { "x-weft-levels": ["PLATFORM", "PLAN", "CONTRACT", "TENANT"] } satisfies SchemaNode;
const byTenant = { "x-weft-levels": ["TENANT"] } satisfies SchemaNode;
const everywhere = { "x-weft-levels": [...configurationLevels], "x-weft-public": true } satisfies SchemaNode;

const limit = (title: string, description: string): SchemaNode => ({
  title,
  description: `${description} Null means no limit.`,
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

const kindsOfNotifications: SchemaNode = {
  type: "array",
  maxItems: notificationKinds.length,
  uniqueItems: true,
  items: { type: "string", enum: [...notificationKinds] },
  default: [],
};

const span = { from: "09:00", to: "17:00" };

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

const hours: SchemaNode = {
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
};

const day = (title: string, spans: readonly object[]): SchemaNode => ({
  title,
  description: "Working hours, in order and without overlaps. Empty for a day off.",
  ...hours,
  default: spans,
  ...everywhere,
});

const listOfHolidays: SchemaNode = {
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
};

const section = (title: string, description: string, properties: Readonly<Record<string, SchemaNode>>): SchemaNode => ({
  title,
  description,
  type: "object",
  properties,
  additionalProperties: false,
});

const rateWindows = {
  perSecond: "Operations in a second, which is the largest burst.",
  perMinute: "Operations in a minute.",
  perHour: "Operations in an hour.",
  perDay: "Operations in a day.",
  costPerMinute: "Cost in a minute.",
  costPerHour: "Cost in an hour.",
  costPerDay: "Cost in a day.",
} as const;

/** With a limit of 0, or a cost that no mutation fits into, nobody could undo it. */
const windows = Object.fromEntries(
  Object.entries(rateWindows).map(([name, description]) => [
    name,
    { description, type: "integer", minimum: name.startsWith("cost") ? 1_000 : 1, maximum: 1_000_000_000_000 },
  ]),
);

const rate = (title: string, description: string, levels: SchemaNode): SchemaNode => ({
  title,
  description,
  type: ["object", "null"],
  properties: windows,
  additionalProperties: false,
  default: null,
  ...levels,
});

/** Operators who turn it on turn it on for all tenants. */
const recorded = (title: string, description: string): SchemaNode => ({
  title,
  description: `${description} Recorded at most once a minute for each person, error and field of the API, with the number.`,
  type: "boolean",
  default: true,
  "x-weft-strictest": "HIGHEST",
  ...downToTenant,
});

const operationRates = (levels: SchemaNode): SchemaNode => ({
  title: "Rates of operations",
  description:
    "Rates of single root fields by name, for example `createRequest`. Each user has them (`per: USER`, the default), or all users together (`per: TENANT`).",
  type: "object",
  propertyNames: { pattern: "^[a-z][A-Za-z0-9]{0,63}$" },
  maxProperties: 50,
  additionalProperties: {
    type: "object",
    properties: { per: { type: "string", enum: ["USER", "TENANT"] }, ...windows },
    additionalProperties: false,
  },
  ...levels,
});

const byUrgency = (low: string, medium: string, high: string) => ({ LOW: low, MEDIUM: medium, HIGH: high });

/** The schema that the query `configurationSchema` returns. */
export const configurationSchema: SchemaNode = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "urn:weft:configuration",
  title: "Configuration",
  description: "Settings of one level. Omitted settings are inherited from the level above, and finally from these defaults.",
  type: "object",
  properties: {
    features: {
      title: "Features",
      description: "Switches that clients read by name. Unset switches are off.",
      type: "object",
      propertyNames: { pattern: "^[a-z][A-Za-z0-9]{0,63}$" },
      additionalProperties: { type: "boolean" },
      maxProperties: 100,
      "x-weft-public": true,
      ...byOperators,
    },
    limits: section("Limits", "Usage limits of the tenant.", {
      users: limit("Users", "Active or invited users, including service accounts."),
      definitions: limit("Definitions", "Workflow definitions. All versions of a definition count once."),
      runningInstances: limit("Running instances", "Workflow instances that have not ended."),
      executionsPerHour: limit("Executions per hour", "Workflow instances started in a clock hour (UTC)."),
      executionsPerMonth: limit("Executions per month", "Workflow instances started in a calendar month (UTC)."),
      agentsPerWorkflow: limit("Agents per workflow", "Different agents that the steps of one run can use."),
      agentCostPerMonth: limit(
        "Cost of agents per month",
        "Cost of models in a calendar month (UTC), in millionths of a US dollar, by the prices of the tenant's providers.",
      ),
      storageBytes: limit("Storage", "Storage for files, in bytes."),
      // With a limit of 0, nobody could undo it, not even the operators.
      operationsPerMinute: { ...limit("Operations per minute", "GraphQL operations per minute."), minimum: 1 },
    }),
    rates: section(
      "Rates",
      "How fast the users of the tenant can send operations. Each window begins with its first operation. A rate replaces that of the level above as a whole.",
      {
        user: rate(
          "Rate of a user",
          "For each user with a session. Null means the rate of the server's settings, LIMIT_RATE_USER.",
          byOperators,
        ),
        apiKey: rate(
          "Rate of the API keys of a user",
          "For all API keys of a user together. Null means LIMIT_RATE_API_KEY. The limit of the key itself also applies.",
          byOperators,
        ),
        tenant: rate("Rate of the tenant", "For all users and API keys together. Null means LIMIT_RATE_TENANT.", byOperators),
        address: rate(
          "Rate of an address",
          "For all users and API keys of the tenant at one IP address together. Null means no limit.",
          byOperators,
        ),
        operations: operationRates(byOperators),
      },
    ),
    ownRates: section("Own rates", "Rates that the organization sets for itself. They apply in addition to those of its plan.", {
      user: rate("Own rate of a user", "For each user with a session. Null means no further limit.", byTenant),
      apiKey: rate("Own rate of the API keys of a user", "For all API keys of a user together. Null means no further limit.", byTenant),
      address: rate(
        "Own rate of an address",
        "For all users and API keys at one IP address together. Null means no further limit.",
        byTenant,
      ),
      operations: operationRates(byTenant),
    }),
    branding: section("Branding", "How clients present the tenant or team.", {
      name: text("Name", "Product name that clients show."),
      logoUrl: { ...text("Logo", "URL of an image (https only)."), maxLength: 2000, format: "https-url" },
      primaryColor: { ...text("Primary color", "Color as #rrggbb."), pattern: "^#[0-9a-fA-F]{6}$" },
      supportEmail: { ...text("Support", "Contact for help."), pattern: "^[^@\\s]+@[^@\\s]+$" },
    }),
    security: section("Security", "Requirements for logins.", {
      passwordMinLength: {
        title: "Password length",
        description: "Minimum number of characters of a new password. Demo mode uses 6 if this is not set.",
        type: "integer",
        minimum: 8,
        maximum: 128,
        default: 8,
        "x-weft-strictest": "HIGHEST",
        "x-weft-public": true,
        ...downToTenant,
      },
      passwordHistory: {
        title: "Password history",
        description:
          "Number of a user's most recent passwords, including the current one, that a new password must not repeat. Hashes of passwords are kept from the time on that this is set. They are deleted when it is lowered.",
        type: "integer",
        minimum: 0,
        maximum: 24,
        default: 0,
        "x-weft-strictest": "HIGHEST",
        ...downToTenant,
      },
      temporaryPasswords: {
        title: "Temporary passwords",
        description:
          "A password that an administrator sets for a new user is temporary: users choose their own when they log in for the first time. Demo mode uses false if this is not set.",
        type: "boolean",
        default: true,
        "x-weft-strictest": "HIGHEST",
        ...downToTenant,
      },
      fourEyesPublishing: {
        title: "Four-eyes publishing",
        description:
          "A definition must be published by a user who is not one of its authors. Service accounts and API keys cannot publish.",
        type: "boolean",
        default: false,
        "x-weft-strictest": "HIGHEST",
        ...downToTenant,
      },
      publishToDevOnly: {
        title: "Promotion through environments",
        description:
          "A new version of a definition is published to DEV only. It reaches STAGING and PROD by promotion. If false, a version can be published to all environments at once.",
        type: "boolean",
        default: false,
        "x-weft-strictest": "HIGHEST",
        ...downToTenant,
      },
      singleSignOn: {
        title: "Single sign-on",
        description:
          "Whether employees must log in with an identity provider. REQUIRED takes effect while a provider is active: passwords are then refused, except those of break-glass users and of vendors' users.",
        type: "string",
        enum: ["OPTIONAL", "REQUIRED"],
        default: "OPTIONAL",
        "x-weft-strictest": "HIGHEST",
        ...downToTenant,
      },
      personalApiKeys: {
        title: "Personal API keys",
        description:
          "Users can create, change, and rotate API keys for themselves. If false, existing keys work until they expire or are revoked.",
        type: "boolean",
        default: true,
        "x-weft-strictest": "LOWEST",
        ...downToTenant,
      },
      sessionLifetimeHours: {
        title: "Session lifetime",
        description: "Hours after which users must log in again, even if they are active. A shorter value also ends open sessions.",
        type: "integer",
        minimum: 1,
        maximum: 8760,
        default: 2160,
        "x-weft-strictest": "LOWEST",
        ...downToTenant,
      },
      sessionIdleHours: {
        title: "Idle sessions",
        description:
          "Hours without use after which a session ends. A shorter value also ends open sessions; a longer one takes effect at the next renewal.",
        type: "integer",
        minimum: 1,
        maximum: 2160,
        default: 336,
        "x-weft-strictest": "LOWEST",
        ...downToTenant,
      },
      maxSessions: {
        title: "Sessions per user",
        description: "Maximum number of open sessions of a user. Null means no limit. A lower value takes effect at the user's next login.",
        type: ["integer", "null"],
        minimum: 1,
        maximum: 1000,
        default: null,
        "x-weft-strictest": "LOWEST",
        ...downToTenant,
      },
      sessionLimitReached: {
        title: "Sessions over the limit",
        description:
          "What happens when a user with the maximum number of sessions logs in: END_OLDEST ends the sessions that were not used for the longest time, and REFUSE refuses the login.",
        type: "string",
        enum: ["END_OLDEST", "REFUSE"],
        default: "END_OLDEST",
        ...downToTenant,
      },
      secondFactor: {
        title: "Second factor",
        description:
          "REQUIRED: users without a second factor can do nothing but enrol one after their next login or renewal of the session. Service accounts are exempt. Roles can require it, too.",
        type: "string",
        enum: ["OPTIONAL", "REQUIRED"],
        default: "OPTIONAL",
        "x-weft-strictest": "HIGHEST",
        "x-weft-public": true,
        ...downToTenant,
      },
      stepUpMinutes: {
        title: "Step-up",
        description:
          "Maximum age of the login, in minutes, for risky operations such as changes of rights, secrets, exports, and publishing. Older sessions must call `reauthenticate` first.",
        type: "integer",
        minimum: 1,
        maximum: 1440,
        default: 15,
        "x-weft-strictest": "LOWEST",
        "x-weft-public": true,
        ...downToTenant,
      },
      storedOperations: {
        title: "Stored operations",
        description:
          "Whether clients can send operations that no application has stored. OFF: they can. REPORT: they can, and `unlistedOperations` counts them. REQUIRED: they are refused, except those of users with the permission `application.explore`.",
        type: "string",
        enum: ["OFF", "REPORT", "REQUIRED"],
        default: "OFF",
        "x-weft-strictest": "HIGHEST",
        ...downToTenant,
      },
      encryptCustomFields: {
        title: "Encrypted custom fields",
        description:
          "Text properties of custom fields are encrypted unless their schema says `encrypted: false`, or has values, such as `enum`. Applies when a schema is saved. Values that exist in plain text are not encrypted.",
        type: "boolean",
        default: false,
        "x-weft-strictest": "HIGHEST",
        ...downToTenant,
      },
    }),
    audit: section("Audit", "What the audit trail records in addition to changes and refused logins.", {
      forbidden: recorded("Forbidden", "Operations that were refused because a right, a second factor or a recent login is missing."),
      notFound: recorded("Not found", "IDs that do not exist, or that the user cannot see."),
      refusedTransitions: recorded("Refused transitions", "Transitions that a workflow did not allow."),
      profileViolations: recorded("Profile violations", "Steps of automations that a security profile did not allow."),
      limits: recorded("Limits", "Operations beyond a rate, or beyond the size that an operation can have."),
      failures: recorded("Failures", "Mutations that failed because of an error in Weft, or of a service that was down."),
      sensitiveReads: recorded(
        "Sensitive reads",
        "Reading of the audit trail, of names of secrets, API keys, logins and rights of users, privacy requests, and of files of exports and reports.",
      ),
    }),
    retention: section("Retention", "Retention periods.", {
      archivedTenantDays: {
        title: "Archived tenants",
        description: "Days after which an archived tenant is permanently deleted. The value on the day of archiving applies.",
        type: "integer",
        minimum: 1,
        maximum: 3650,
        default: 30,
        ...byOperators,
      },
      idempotencyKeyHours: {
        title: "Idempotency keys",
        description: "Hours for which an idempotency key returns the first result.",
        type: "integer",
        minimum: 24,
        maximum: 720,
        default: 48,
        ...byOperators,
      },
      eventDays: {
        title: "Events",
        description:
          "Days after which an event is deleted from the log. Events about SLA clocks stay, and so do events that a delivery, a failed run of a trigger, or a parked event refers to.",
        type: "integer",
        minimum: 30,
        maximum: 3650,
        default: 3650,
        ...byOperators,
      },
      triggerRunDays: {
        title: "Runs of triggers",
        description:
          "Days after which a run of a trigger is deleted. A run that started a workflow with a correlation key stays until the workflow has ended.",
        type: "integer",
        minimum: 7,
        maximum: 3650,
        default: 90,
        ...byOperators,
      },
      webhookDeliveryDays: {
        title: "Deliveries of webhooks",
        description: "Days after which a delivery of a webhook is deleted with its attempts.",
        type: "integer",
        minimum: 7,
        maximum: 3650,
        default: 30,
        ...byOperators,
      },
      inboundMessageDays: {
        title: "Messages of inbound webhooks",
        description:
          "Days after which a message of an inbound webhook is deleted, including its body. Until then, the same message is not accepted again.",
        type: "integer",
        minimum: 1,
        maximum: 365,
        default: 30,
        ...byOperators,
      },
      notificationDeliveryDays: {
        title: "Deliveries of notifications",
        description: "Days after which a delivery of a notification is deleted.",
        type: "integer",
        minimum: 7,
        maximum: 3650,
        default: 90,
        ...byOperators,
      },
      shareUseDays: {
        title: "Uses of shared definitions",
        description:
          "Days after which the record of a use of a shared definition is deleted, in this tenant. A start stays until what was started has ended. The origin of copied definitions stays.",
        type: "integer",
        minimum: 30,
        maximum: 3650,
        default: 365,
        ...byOperators,
      },
      fieldUseDays: {
        title: "Use of fields",
        description: "Days after which the counts of a day are deleted that say which client used which fields of the API.",
        type: "integer",
        minimum: 7,
        maximum: 400,
        default: 90,
        ...byOperators,
      },
      complianceReportDays: {
        title: "Compliance reports",
        description:
          "Days after which a compliance report is deleted with its files. The value on the day on which it is completed applies.",
        type: "integer",
        minimum: 30,
        maximum: 3650,
        default: 3650,
        ...byOperators,
      },
    }),
    notifications: section("Notifications", "Which notifications are sent by email, and how many emails and text messages.", {
      emailKinds: {
        title: "Kinds sent by email",
        description: "Kinds of notifications that users get by email unless they choose otherwise. In the app, they get all kinds.",
        ...kindsOfNotifications,
        "x-weft-public": true,
        ...downToTenant,
      },
      mandatoryEmailKinds: {
        title: "Mandatory emails",
        description: "Kinds of notifications that users get by email and cannot turn off. Their emails have no link to unsubscribe.",
        ...kindsOfNotifications,
        "x-weft-public": true,
        ...downToTenant,
      },
      emailDigest: {
        title: "Digest",
        description:
          "How emails are bundled unless a user chooses otherwise. NONE: each at once. HOURLY and DAILY: one email per hour or day of the user's local time.",
        type: "string",
        enum: ["NONE", "HOURLY", "DAILY"],
        default: "NONE",
        "x-weft-public": true,
        ...downToTenant,
      },
      digestHour: {
        title: "Hour of the daily digest",
        description: "Hour of the user's local time at which the daily digest is sent.",
        type: "integer",
        minimum: 0,
        maximum: 23,
        default: 8,
        "x-weft-public": true,
        ...downToTenant,
      },
      emailsPerUserAndHour: {
        title: "Emails per user",
        description: "Emails with notifications that a user gets within an hour. Further notifications wait and are bundled.",
        type: "integer",
        minimum: 1,
        maximum: 1000,
        default: 20,
        "x-weft-strictest": "LOWEST",
        ...downToTenant,
      },
      emailsPerDay: {
        title: "Emails per day",
        description: "Emails with notifications that the organization sends within 24 hours. Further ones are suppressed.",
        type: "integer",
        minimum: 0,
        maximum: 10_000_000,
        default: 5000,
        ...byOperators,
      },
      smsPerDay: {
        title: "Text messages per day",
        description:
          "Text messages (SMS) that the organization sends within 24 hours, including codes that confirm phone numbers. Further ones are suppressed.",
        type: "integer",
        minimum: 0,
        maximum: 1_000_000,
        default: 100,
        ...byOperators,
      },
      smsPerNumberAndDay: {
        title: "Text messages per phone number",
        description: "Text messages (SMS) with notifications that a phone number gets within 24 hours. Further ones are suppressed.",
        type: "integer",
        minimum: 1,
        maximum: 1000,
        default: 20,
        "x-weft-strictest": "LOWEST",
        ...downToTenant,
      },
    }),
    integrations: section("Integrations", "Limits of calls of integrations. Calls beyond a limit wait for the next hour.", {
      callsPerIntegrationAndHour: {
        title: "Calls per integration",
        description: "Attempts to send calls of an integration in a clock hour (UTC).",
        type: "integer",
        minimum: 1,
        maximum: 10_000_000,
        default: 10_000,
        "x-weft-strictest": "LOWEST",
        ...downToTenant,
      },
      callsPerHour: {
        title: "Calls per hour",
        description: "Attempts to send calls of all integrations of the organization in a clock hour (UTC).",
        type: "integer",
        minimum: 1,
        maximum: 10_000_000,
        default: 50_000,
        ...byOperators,
      },
    }),
    automation: section("Automation", "What the steps of automations may do.", {
      securityProfile: {
        title: "Security profile",
        description:
          "Built-in security profile of all steps: plan_only, restricted, standard or elevated. Each allows less than the next one. Definitions can narrow it. Runs keep the profile with which they began.",
        type: "string",
        enum: ["plan_only", "restricted", "standard", "elevated"],
        default: "standard",
        "x-weft-strictest": "LOWEST",
        ...downToTenant,
      },
      ownSecurityProfile: {
        title: "Own security profile",
        description: "Key of a security profile of the organization, which narrows the built-in one further. Null: none.",
        type: ["string", "null"],
        pattern: "^[a-z][a-z0-9]*([-_][a-z0-9]+)*$",
        maxLength: 64,
        default: null,
        "x-weft-levels": ["TENANT"],
      },
    }),
    numbers: section("Numbers", "How numbers of requests and contracts are assigned.", {
      assignment: {
        title: "Assignment",
        description:
          "concurrent: users do not wait for each other. When several create requests at the same time, a smaller number can be committed after a larger one. A number that was not used is assigned next. consecutive: each number is committed after all smaller ones, so users who create requests with the same prefix wait for each other.",
        type: "string",
        enum: ["concurrent", "consecutive"],
        default: "concurrent",
        ...downToTenant,
      },
    }),
    requests: section("Requests", "How requests are handled.", {
      priorityMatrix: {
        title: "Priority matrix",
        description:
          "Priority of a request by its impact and then its urgency, unless a user has set another one. A change applies when impact or urgency is set the next time.",
        type: "object",
        properties: Object.fromEntries(
          ["LOW", "MEDIUM", "HIGH"].map((impact) => [
            impact,
            {
              type: "object",
              properties: Object.fromEntries(
                ["LOW", "MEDIUM", "HIGH"].map((urgency) => [urgency, { type: "string", enum: ["LOW", "NORMAL", "HIGH", "URGENT"] }]),
              ),
              required: ["LOW", "MEDIUM", "HIGH"],
              additionalProperties: false,
            },
          ]),
        ),
        required: ["LOW", "MEDIUM", "HIGH"],
        additionalProperties: false,
        default: {
          LOW: byUrgency("LOW", "LOW", "NORMAL"),
          MEDIUM: byUrgency("LOW", "NORMAL", "HIGH"),
          HIGH: byUrgency("NORMAL", "HIGH", "URGENT"),
        },
        "x-weft-public": true,
        ...downToTenant,
      },
    }),
    projects: section("Projects", "When the health of a project is amber or red.", {
      health: {
        title: "Thresholds of the health",
        description:
          "From which values on the health of a project is amber or red. LATE_DAYS: days by which a task on the critical path is late. OVERDUE_DAYS: days by which a milestone is overdue. BUDGET_POINTS: percentage points by which the spent share of the budget is greater than the progress. RISK_SCORE: score of an open risk.",
        type: "object",
        properties: Object.fromEntries(
          ["LATE_DAYS", "OVERDUE_DAYS", "BUDGET_POINTS", "RISK_SCORE"].map((threshold) => [
            threshold,
            {
              type: "object",
              properties: { AMBER: { type: "number", minimum: 1, maximum: 1000 }, RED: { type: "number", minimum: 1, maximum: 1000 } },
              required: ["AMBER", "RED"],
              additionalProperties: false,
            },
          ]),
        ),
        required: ["LATE_DAYS", "OVERDUE_DAYS", "BUDGET_POINTS", "RISK_SCORE"],
        additionalProperties: false,
        default: {
          LATE_DAYS: { AMBER: 1, RED: 7 },
          OVERDUE_DAYS: { AMBER: 1, RED: 14 },
          BUDGET_POINTS: { AMBER: 10, RED: 25 },
          RISK_SCORE: { AMBER: 12, RED: 20 },
        },
        ...downToTenant,
      },
    }),
    vendors: section("Vendors", "How vendors are compared.", {
      scoreWeights: {
        title: "Weights of the score",
        description:
          "How much each figure counts for the score of a vendor. Only their ratio matters. A figure with the weight 0 does not count.",
        type: "object",
        properties: Object.fromEntries(
          ["RESPONSE_TIME", "COMPLETION_TIME", "FIRST_TIME_FIX", "SLA_COMPLIANCE", "RATING"].map((figure) => [
            figure,
            { type: "number", minimum: 0, maximum: 100 },
          ]),
        ),
        required: ["RESPONSE_TIME", "COMPLETION_TIME", "FIRST_TIME_FIX", "SLA_COMPLIANCE", "RATING"],
        additionalProperties: false,
        default: { RESPONSE_TIME: 15, COMPLETION_TIME: 20, FIRST_TIME_FIX: 20, SLA_COMPLIANCE: 25, RATING: 20 },
        ...downToTenant,
      },
    }),
    locale: {
      title: "Locale",
      description: "Language and region as a BCP 47 tag, for example de-AT.",
      type: "string",
      maxLength: 64,
      format: "language-tag",
      default: "en",
      ...everywhere,
    },
    timeZone: {
      title: "Time zone",
      description: "IANA time zone, for example Europe/Vienna.",
      type: "string",
      maxLength: 64,
      format: "time-zone",
      default: "UTC",
      ...everywhere,
    },
    calendars: {
      title: "Calendars",
      description:
        "Further calendars by name, for deadlines that count otherwise, for example support around the clock. What a calendar omits is that of the configuration. `always` exists without being set: it has no hours off.",
      type: "object",
      propertyNames: { pattern: "^[a-z][A-Za-z0-9]{0,63}$" },
      maxProperties: 50,
      additionalProperties: {
        type: "object",
        properties: {
          timeZone: { type: "string", maxLength: 64, format: "time-zone" },
          workingHours: {
            type: "object",
            description: "Days that are omitted are days off.",
            properties: Object.fromEntries(weekdays.map((name) => [name, hours])),
            additionalProperties: false,
          },
          holidays: listOfHolidays,
        },
        additionalProperties: false,
      },
      ...everywhere,
    },
    workingHours: section("Working hours", "Working hours in the time zone of the same configuration.", {
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
      description: "Days on which nobody works, regardless of the weekday. Each date once.",
      ...listOfHolidays,
      default: [],
      ...everywhere,
    },
  },
  additionalProperties: false,
};
