import type { Logger } from "@weft/platform/logging";
import type { ApiClient } from "../api-client.js";
import { allowPrograms } from "../seed/allow-programs.js";
import { demoAreas } from "./areas.js";
import type { TenantClock } from "./clock.js";
import { furnishGlobex } from "./globex.js";
import { readNotifications } from "./notifications.js";
import { Random } from "./random.js";
import { setStage, type Stage } from "./stage.js";
import { playStories } from "./timeline.js";

/** Length of Acme's history in days. */
export const historyDays = 91;

/** Users have read notifications older than this many days. Busier users read later. */
const readUpToDays: Readonly<Record<string, number>> = {
  manager: 2,
  operations: 3,
  requester: 6,
  sales: 9,
  ops: 5,
  admin: 4,
  technical: 8,
};

export interface HistoryOptions {
  readonly log: Logger;
  /** An anonymous client. */
  readonly api: ApiClient;
  readonly clock: TenantClock;
  /** Resolves when all events so far have become notifications. */
  readonly idle: () => Promise<void>;
  /** Whether Acme's automations can run programs at the end. */
  readonly allowsPrograms: boolean;
  /** Base URL of the local substitute for a provider of language models. Absent: the demo has no agents. */
  readonly modelsUrl?: string | undefined;
  /** Called when a story failed, after the failure has been logged. The story ends there, and the others continue. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** Called when everything is created, with the duration. */
  readonly onComplete?: ((seconds: number) => void) | undefined;
  /** Ends the work early when Weft stops. */
  readonly signal?: AbortSignal | undefined;
}

/** Days between two log lines. */
const progressDays = 30;

/**
 * Creates three months of history for Acme: requests in every state, processes, projects, comments, and notifications, and some open requests of
 * Globex, with the same mutations that users call. The tenant's clock advances from the first day to today. Each run gives the same result, except for IDs and the dates, which are
 * relative to today.
 *
 * @returns whether all of it was created: false if Weft is stopping
 * @throws if a story failed
 */
export async function seedHistory({
  log,
  api,
  clock,
  idle,
  allowsPrograms,
  modelsUrl,
  onFailure,
  onComplete,
  signal,
}: HistoryOptions): Promise<boolean> {
  const started = performance.now();
  let failed = 0;
  const stage: Stage = { ...(await setStage(api, new Random(1))), modelsUrl };
  for (const area of demoAreas) await area.prepare?.(stage);
  let tellAt = historyDays - progressDays;
  await playStories(
    demoAreas.flatMap((area) => area.stories(stage)),
    {
      moveTo: async (daysAgo) => {
        if (daysAgo < tellAt) {
          log.info(`creating the demo data: Acme is at ${tellAt} days ago`);
          tellAt -= progressDays;
        }
        await clock.daysAgo(daysAgo);
      },
      onFailure: (error) => {
        failed++;
        log.error({ err: error }, "a demo story ended early");
        onFailure?.(error);
      },
      signal,
    },
  );
  if (signal?.aborted === true) return false;
  await clock.now();
  await idle();
  await clock.dateRuns();
  await Promise.all(Object.entries(readUpToDays).map(([login, days]) => readNotifications(stage.as(login), days)));
  await furnishGlobex(api).catch((error: unknown) => {
    // Acme is complete without it. A user of Globex can have changed their password since the first start.
    log.warn({ err: error }, "Globex has no requests of the demo");
    onFailure?.(error);
  });
  if (allowsPrograms) await allowPrograms(stage.as("admin").api);
  if (failed > 0) throw new Error(`${failed} stories of the demo ended early.`);
  await clock.finish();
  onComplete?.((performance.now() - started) / 1_000);
  return true;
}
