/** What operations of clients pass before they are executed. */
import type { Config } from "@weft/platform/config";
import type { Databases } from "@weft/platform/db";
import type { Counters } from "@weft/api/limits";
import type { Executor } from "./executor.js";
import { withAdmission } from "./limits/admission.js";
import type { Planning } from "./limits/planning.js";
import { countingPublishedEvents } from "./limits/published-events.js";
import { takingLiveCursors } from "./live/live-cursor.js";
import type { LiveVariant } from "./live/server.js";
import { withNewSessions } from "./new-sessions/with-new-sessions.js";
import { type RefusalOfChanges, refusingChanges } from "./refusing-changes.js";
import { createVendorPortal } from "./vendor-portal/vendor-portal.js";
import { checkingManifests } from "./stored-operations/checked-manifests.js";
import type { Authenticate } from "./viewer/authenticate.js";
import { checkingWebhookQueries } from "./webhook-payloads/checked-queries.js";

export interface ClientOperationsOptions {
  readonly config: Pick<Config, "limits" | "mode">;
  readonly databases: Pick<Databases, "app">;
  readonly executor: Executor;
  readonly planning: Planning;
  readonly counters: Counters;
  readonly authenticate: Authenticate;
  /** The schema of the vendor portal. Undefined: no portal. */
  readonly vendorPortalSdl: string | undefined;
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
  /** The same for the vendor portal. Undefined: no portal. */
  readonly portal: (LiveVariant & { readonly executor: Executor }) | undefined;
}

export function createClientOperations(options: ClientOperationsOptions): ClientOperations {
  const { config, databases, executor, planning, counters, authenticate, vendorPortalSdl, refusalOfChanges, onWaiting } = options;
  const { limits } = config;
  const allowIntrospection = config.mode === "demo";
  const eventExecutor = planning.over(executor);
  const checks = { limits, planning, allowIntrospection };
  const withoutTurns = checkingManifests(checkingWebhookQueries(takingLiveCursors(planning.over(executor), databases.app), checks), checks);
  const admitted = withAdmission(withNewSessions(withoutTurns, { authenticate, planning, limits }), { limits, onWaiting });
  const counting = countingPublishedEvents(admitted, { counters, limits });
  const whole = refusalOfChanges ? refusingChanges(counting, refusalOfChanges, limits) : counting;
  const portal =
    vendorPortalSdl === undefined
      ? undefined
      : createVendorPortal({ sdl: vendorPortalSdl, api: executor.schema, planning, limits, allowIntrospection });
  return {
    executor: whole,
    withoutTurns,
    eventExecutor,
    portal: portal && { executor: portal.over(whole), eventExecutor: portal.answering(eventExecutor), prepareDocument: portal.mark },
  };
}
