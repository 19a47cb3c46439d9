import { meteredLimits } from "../usage/meter.js";
import type { NotificationKindName } from "./notification-kinds.js";
import { configurationLevels } from "./schema.js";
import type { ConfigurationLevel } from "./schema.js";
import { configurationSettings, documentOf, settingAt, valuesOf } from "./settings.js";
import type { ConfigurationDocument, Setting } from "./settings.js";

/** The current document of a level. */
export interface ConfigurationLayer {
  readonly level: ConfigurationLevel;
  readonly version: number;
  readonly document: ConfigurationDocument;
  /** UUID. Null if the document was shipped with Weft. */
  readonly authorId: string | null;
  readonly message: string;
  readonly createdAt: string;
}

/** A value with the layer that sets it. Null for the schema's default. */
export interface EffectiveValue {
  readonly path: string;
  readonly value: unknown;
  readonly source: ConfigurationLayer | null;
}

/**
 * Returns the effective values for a subject. For each setting, the narrowest level that sets it wins, or the strictest value if the schema specifies
 * that.
 */
export function resolveConfiguration(layers: readonly ConfigurationLayer[]): EffectiveValue[] {
  const ordered = layers.toSorted((a, b) => configurationLevels.indexOf(a.level) - configurationLevels.indexOf(b.level));
  const found = new Map<string, EffectiveValue>();
  for (const layer of ordered) {
    for (const [path, value] of valuesOf(layer.document)) {
      const setting = settingAt(path);
      // Ignores a level that is no longer allowed to set it, because the schema is newer than the document.
      if (!setting?.levels.includes(layer.level)) continue;
      const known = found.get(path);
      if (!known || wins(setting, value, known.value)) found.set(path, { path, value, source: layer });
    }
  }
  const fixed = configurationSettings
    .filter(({ path }) => !path.endsWith(".*"))
    .map(({ path, default: value }) => found.get(path) ?? { path, value, source: null });
  const listed = new Set(fixed.map(({ path }) => path));
  return [...fixed, ...[...found.values()].filter(({ path }) => !listed.has(path)).toSorted((a, b) => (a.path < b.path ? -1 : 1))];
}

/** Returns whether a narrower level's value replaces that of a wider level. */
function wins({ strictest, values }: Setting, narrower: unknown, wider: unknown): boolean {
  if (strictest === null) return true;
  // Null means no limit, which is the highest.
  if (narrower === null || wider === null) return (strictest === "HIGHEST") === (narrower === null);
  if (values.length > 0)
    return strictest === "HIGHEST" ? values.indexOf(narrower) >= values.indexOf(wider) : values.indexOf(narrower) <= values.indexOf(wider);
  // `true` is higher than `false`.
  if (typeof narrower === "boolean") return strictest === "HIGHEST" ? narrower || wider !== true : !narrower || wider !== false;
  if (typeof narrower !== "number" || typeof wider !== "number") return true;
  return strictest === "HIGHEST" ? narrower >= wider : narrower <= wider;
}

type Level = "LOW" | "MEDIUM" | "HIGH";

/** Priority by impact and then by urgency. */
export type PriorityMatrix = Readonly<Record<Level, Readonly<Record<Level, "LOW" | "NORMAL" | "HIGH" | "URGENT">>>>;

/** How much the figures of a vendor count for its score. */
export type ScoreWeights = Readonly<Record<"RESPONSE_TIME" | "COMPLETION_TIME" | "FIRST_TIME_FIX" | "SLA_COMPLIANCE" | "RATING", number>>;

/** From which values on the health of a project is amber or red. */
export type HealthThresholds = Readonly<
  Record<"LATE_DAYS" | "OVERDUE_DAYS" | "BUDGET_POINTS" | "RISK_SCORE", { readonly AMBER: number; readonly RED: number }>
>;

/** How many operations, and how much cost, a window of time has. Omitted windows are not limited. */
export type Rate = Readonly<
  Partial<Record<"perSecond" | "perMinute" | "perHour" | "perDay" | "costPerMinute" | "costPerHour" | "costPerDay", number>>
>;

/** Rates of a level. Null: not set. */
interface Rates {
  readonly user: Rate | null;
  readonly apiKey: Rate | null;
  readonly address: Rate | null;
  /** By root field. Undefined if no rate of an operation is set. */
  readonly operations?: Readonly<Record<string, Rate & { readonly per?: "USER" | "TENANT" }>>;
}

/** Settings that the server itself uses. Times and numbers are in the units of their names. */
export interface EffectiveConfig {
  readonly features: Readonly<Record<string, boolean>>;
  /** Null if there is no limit. */
  readonly limits: Readonly<Record<LimitName, number | null>>;
  /** Rates that operators set. */
  readonly rates: Rates & { readonly tenant: Rate | null };
  /** Rates that the tenant sets, in addition. */
  readonly ownRates: Rates;
  readonly security: {
    readonly passwordMinLength: number;
    readonly passwordHistory: number;
    readonly temporaryPasswords: boolean;
    readonly fourEyesPublishing: boolean;
    readonly publishToDevOnly: boolean;
    readonly singleSignOn: "OPTIONAL" | "REQUIRED";
    readonly personalApiKeys: boolean;
    readonly sessionLifetimeHours: number;
    readonly sessionIdleHours: number;
    /** Null if there is no limit. */
    readonly maxSessions: number | null;
    readonly sessionLimitReached: "END_OLDEST" | "REFUSE";
    readonly secondFactor: "OPTIONAL" | "REQUIRED";
    readonly stepUpMinutes: number;
    readonly storedOperations: "OFF" | "REPORT" | "REQUIRED";
    readonly encryptCustomFields: boolean;
  };
  /** Classes of the audit trail that are recorded. */
  readonly audit: Readonly<
    Record<"forbidden" | "notFound" | "refusedTransitions" | "profileViolations" | "limits" | "failures" | "sensitiveReads", boolean>
  >;
  readonly retention: {
    readonly archivedTenantDays: number;
    readonly idempotencyKeyHours: number;
    readonly eventDays: number;
    readonly triggerRunDays: number;
    readonly webhookDeliveryDays: number;
    readonly inboundMessageDays: number;
    readonly notificationDeliveryDays: number;
    readonly shareUseDays: number;
    readonly fieldUseDays: number;
    readonly complianceReportDays: number;
  };
  readonly notifications: {
    readonly emailKinds: readonly NotificationKindName[];
    readonly mandatoryEmailKinds: readonly NotificationKindName[];
    readonly emailDigest: "NONE" | "HOURLY" | "DAILY";
    readonly digestHour: number;
    readonly emailsPerUserAndHour: number;
    readonly emailsPerDay: number;
    readonly smsPerDay: number;
    readonly smsPerNumberAndDay: number;
  };
  readonly integrations: {
    readonly callsPerIntegrationAndHour: number;
    readonly callsPerHour: number;
  };
  readonly automation: {
    readonly securityProfile: "plan_only" | "restricted" | "standard" | "elevated";
    readonly ownSecurityProfile: string | null;
  };
  readonly numbers: { readonly assignment: "concurrent" | "consecutive" };
  readonly requests: { readonly priorityMatrix: PriorityMatrix };
  readonly projects: { readonly health: HealthThresholds };
  readonly vendors: { readonly scoreWeights: ScoreWeights };
  readonly locale: string;
  readonly timeZone: string;
  readonly workingHours: Readonly<Record<Weekday, readonly { readonly from: string; readonly to: string }[]>>;
  readonly holidays: readonly { readonly date: string; readonly name: string }[];
  /** By name. Complete: what a calendar omits is that of the configuration. */
  readonly calendars: Readonly<Record<string, Pick<EffectiveConfig, "timeZone" | "workingHours" | "holidays">>>;
  readonly branding: Readonly<Record<"name" | "logoUrl" | "primaryColor" | "supportEmail", string | null>>;
  /** Returns whether any level sets the path. Otherwise its value is the schema's default. */
  readonly isSet: (path: string) => boolean;
}

/** Metrics of `limits`, as in `app.limit_of`. */
export const limitNames = [...meteredLimits, "operationsPerMinute", "agentsPerWorkflow", "agentCostPerMonth"] as const;
export type LimitName = (typeof limitNames)[number];

type Weekday = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

/** Returns the typed view of the resolved values. */
export function toEffectiveConfig(layers: readonly ConfigurationLayer[]): EffectiveConfig {
  const values = resolveConfiguration(layers);
  const set = new Set(values.filter(({ source }) => source !== null).map(({ path }) => path));
  // Safe because every document was validated against the schema when it was written, and every setting but features and calendars has a default.
  const document = documentOf(values.map(({ path, value }) => [path, value])) as unknown as Omit<EffectiveConfig, "isSet">;
  const { timeZone, workingHours, holidays } = document;
  const calendars: EffectiveConfig["calendars"] = Object.fromEntries(
    Object.entries(document.calendars ?? {}).map(([name, own]) => [name, { timeZone, workingHours, holidays, ...(own as object) }]),
  );
  return { ...document, features: document.features ?? {}, calendars, isSet: (path) => set.has(path) };
}
