import { type Client, OpenFeature, type Provider, ProviderEvents, StandardResolutionReasons } from "@openfeature/server-sdk";
import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { ConfigError } from "../config/config-error.js";
import type { Config } from "../config/config.js";
import type { Logger } from "../logging/logger.js";
import { type DeclaredFlag, declaredFlags, type FlagKey, flagKeys } from "./declared-flags.js";
import { FileProvider } from "./file-provider.js";

/** A provider of OpenFeature. */
export type FlagProvider = Provider;

/** Tenant for which a flag is evaluated. */
export type FlagTenant = Pick<Viewer, "tenantId" | "tenantSlug">;

/** Value of a flag for a tenant, with what decided about it. */
export interface EvaluatedFlag {
  readonly key: FlagKey;
  readonly description: string;
  readonly default: boolean;
  readonly value: boolean;
  /** As OpenFeature names it: DEFAULT, STATIC, TARGETING_MATCH, SPLIT, ERROR and others. */
  readonly reason: string;
  readonly variant: string | null;
}

export interface Flags {
  /** Evaluates a flag. Never fails: without a usable value, the flag has its default. @param tenant null: nobody is logged in */
  isOn(key: FlagKey, tenant: FlagTenant | null): Promise<boolean>;
  /** Evaluates every flag, for operators. */
  evaluateAll(tenant: FlagTenant | null): Promise<EvaluatedFlag[]>;
  /** What is wrong with the provider, as sentences for operators. The last values remain in use. */
  problems(): string[];
  close(): Promise<void>;
}

export interface FlagsOptions {
  readonly config: Pick<Config, "flags">;
  readonly log: Pick<Logger, "info" | "error">;
  /** Provider to use instead of the one for files, such as that of a vendor. */
  readonly provider?: FlagProvider | undefined;
  /** Told about each evaluation that decides about a request. */
  readonly onEvaluated?: (flag: { readonly key: FlagKey; readonly value: boolean; readonly reason: string }) => void;
}

/** A provider can return any text, and what becomes a label of a metric has few values. */
const standardReasons: ReadonlySet<string> = new Set(Object.values(StandardResolutionReasons));

/** Providers belong to domains of OpenFeature, and a process can contain several Wefts. */
let opened = 0;

/**
 * Opens the feature flags: OpenFeature's client with the provider of this installation.
 * @throws ConfigError if the file of flags cannot be used
 */
export async function openFlags({ config, log, provider: given, onEvaluated = () => undefined }: FlagsOptions): Promise<Flags> {
  const { file, fixed, environment } = config.flags;
  const ofFile = given === undefined ? new FileProvider({ file, fixed }) : undefined;
  const provider: Provider = given ?? ofFile ?? new FileProvider({ file: undefined, fixed });
  const domain = `weft-${++opened}`;
  await OpenFeature.setProviderAndWait(domain, provider).catch((error: unknown) => {
    throw new ConfigError([`WEFT_FLAGS_FILE: ${error instanceof Error ? error.message : String(error)}`]);
  });
  const client = OpenFeature.getClient(domain);
  report(client, log);
  const contextOf = (tenant: FlagTenant | null) => ({
    environment,
    ...(tenant && { targetingKey: encodeId("tenant", tenant.tenantId), tenant: tenant.tenantSlug }),
  });
  const evaluate = (key: FlagKey, tenant: FlagTenant | null) =>
    client.getBooleanDetails(key, declaredFlags[key].default, contextOf(tenant));
  return {
    isOn: async (key, tenant) => {
      const { value, reason = StandardResolutionReasons.UNKNOWN } = await evaluate(key, tenant);
      onEvaluated({ key, value, reason: standardReasons.has(reason) ? reason : StandardResolutionReasons.UNKNOWN });
      return value;
    },
    evaluateAll: (tenant) =>
      Promise.all(
        flagKeys.map(async (key) => {
          const flag: DeclaredFlag = declaredFlags[key];
          const { value, reason = StandardResolutionReasons.UNKNOWN, variant = null } = await evaluate(key, tenant);
          return { key, ...flag, value, reason, variant };
        }),
      ),
    problems: () => (ofFile === undefined || ofFile.problem === null ? [] : [`WEFT_FLAGS_FILE: ${ofFile.problem}`]),
    close: async () => {
      client.clearHooks();
      await provider.onClose?.();
    },
  };
}

function report(client: Client, log: FlagsOptions["log"]): void {
  client.addHandler(ProviderEvents.ConfigurationChanged, (details) =>
    log.info({ flags: details?.flagsChanged }, "feature flags have changed"),
  );
  client.addHandler(ProviderEvents.Stale, (details) =>
    log.error({ reason: details?.message }, "feature flags cannot be read again; the last ones remain in use"),
  );
}
