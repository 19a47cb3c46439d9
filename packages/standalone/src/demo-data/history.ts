import type { Logger } from "@weft/shared";
import type { ApiClient } from "../api-client.js";
import { demoAreas } from "./areas.js";
import type { TenantClock } from "./clock.js";
import { readNotifications } from "./notifications.js";
import { Random } from "./random.js";
import { setStage } from "./stage.js";
import { playStories } from "./timeline.js";

/** How far back Acme's past begins, in days. */
export const historyDays = 91;

/** Users read what is older than this; whoever has more to do reads later. */
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
  /** Nobody's client. */
  readonly api: ApiClient;
  readonly clock: TenantClock;
  /** Resolves when every event so far has become notifications. */
  readonly idle: () => Promise<void>;
  /** Ends it early: Weft stops. */
  readonly signal?: AbortSignal | undefined;
}

/** Days between two lines of the log. */
const progressDays = 30;

/**
 * Gives Acme a past of three months: requests in every state, processes, projects, comments and notifications, by the mutations that users call,
 * while the tenant's clock, which stands at the first day, goes from the first day to today. The same at each run, but for ids and the dates, which count from today.
 */
export async function seedHistory({ log, api, clock, idle, signal }: HistoryOptions): Promise<void> {
  const started = performance.now();
  const stage = await setStage(api, new Random(1));
  for (const area of demoAreas) await area.prepare?.(stage);
  let tellAt = historyDays - progressDays;
  await playStories(
    demoAreas.flatMap((area) => area.stories(stage)),
    {
      moveTo: async (daysAgo) => {
        if (daysAgo < tellAt) {
          log.info(`The demo's data: Acme has come to ${tellAt} days ago.`);
          tellAt -= progressDays;
        }
        await clock.daysAgo(daysAgo);
      },
      onFailure: (error) => log.error({ err: error }, "A story of the demo's past ended early."),
      signal,
    },
  );
  await clock.now();
  if (signal?.aborted === true) return;
  await idle();
  await Promise.all(Object.entries(readUpToDays).map(([login, days]) => readNotifications(stage.as(login), days)));
  log.info(`The demo's data is complete after ${((performance.now() - started) / 1_000).toFixed(1)} s.`);
}
