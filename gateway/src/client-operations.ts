/** What operations of clients pass before they are executed. */
import type { Config } from "@weft/platform/config";
import type { Databases } from "@weft/platform/db";
import type { Flags } from "@weft/platform/flags";
import type { Counters } from "@weft/api/limits";
import type { Executor } from "./executor.js";
import { switchedBy } from "./flags/switched.js";
import { countingFieldUses } from "./field-usage/counting-field-uses.js";
import type { FieldUses } from "./field-usage/field-uses.js";
import { withAdmission } from "./limits/admission.js";
import type { Planning } from "./limits/planning.js";
import { countingPublishedEvents } from "./limits/published-events.js";
import { restrictingIntrospection } from "./limits/restricting-introspection.js";
import { takingLiveCursors } from "./live/live-cursor.js";
import type { LiveVariant } from "./live/server.js";
import { withNewSessions } from "./new-sessions/with-new-sessions.js";
import { type RefusalOfChanges, refusingChanges } from "./refusing-changes.js";
import { checkingManifests } from "./stored-operations/checked-manifests.js";
import { vendorPortalPath } from "./variants/paths.js";
import type { ServedVariant } from "./variants/served-variants.js";
import { createVariant } from "./variants/variant.js";
import type { Authenticate } from "./viewer/authenticate.js";
import { checkingWebhookQueries } from "./webhook-payloads/checked-queries.js";

export interface ClientOperationsOptions {
  readonly config: Pick<Config, "limits" | "mode">;
  readonly databases: Pick<Databases, "app">;
  readonly executor: Executor;
  readonly planning: Planning;
  readonly counters: Counters;
  readonly authenticate: Authenticate;
  /** Parts of the API that are served at paths of their own. */
  readonly variants: readonly ServedVariant[];
  /** Counts which fields clients use. */
  readonly fieldUses: FieldUses;
  readonly flags: Pick<Flags, "isOn">;
  /** Undefined: clients can always change something. */
  readonly refusalOfChanges: RefusalOfChanges | undefined;
  /** Told how many operations wait for their turn. */
  readonly onWaiting: (count: number) => void;
}

export interface ClientOperations {
  /** Executes operations of clients, with every limit except the rate. */
  readonly executor: Executor;
  /** Executes operations of clients without a turn, for callers that give turns of their own. */
  readonly withoutTurns: Executor;
  /** Executes the queries of events. */
  readonly eventExecutor: Executor;
  /** The same for the variants, by path. */
  readonly variants: Readonly<Record<string, LiveVariant & { readonly executor: Executor }>>;
}

export function createClientOperations(options: ClientOperationsOptions): ClientOperations {
  const { config, databases, executor, planning, counters, authenticate, fieldUses, flags, refusalOfChanges, onWaiting } = options;
  const { limits } = config;
  const allowHints = config.mode === "demo";
  const eventExecutor = planning.over(executor);
  const checks = { limits, planning, allowHints };
  const withoutTurns = checkingManifests(checkingWebhookQueries(takingLiveCursors(planning.over(executor), databases.app), checks), checks);
  const admitted = withAdmission(withNewSessions(withoutTurns, { authenticate, planning, limits }), { limits, onWaiting });
  const counting = countingFieldUses(countingPublishedEvents(admitted, { counters, limits }), { uses: fieldUses, limits });
  const whole = refusalOfChanges ? refusingChanges(counting, refusalOfChanges, limits) : counting;
  const variants = options.variants.map(({ path, sdlOf, schemas }) => {
    const variant = createVariant({ sdlOf, schemas, api: () => executor.schema, planning, limits, allowHints });
    const over = variant.over(path === vendorPortalPath ? whole : switchedBy(whole, "api-variants", flags));
    return [
      path,
      {
        // A variant answers introspection itself.
        executor: config.mode === "demo" ? over : restrictingIntrospection(over, limits),
        eventExecutor: variant.answering(eventExecutor),
        prepareDocument: variant.mark,
        ...(path !== vendorPortalPath && { flag: "api-variants" as const }),
      },
    ] as const;
  });
  return { executor: whole, withoutTurns, eventExecutor, variants: Object.fromEntries(variants) };
}
