import { asTenant, type Tx } from "@weft/platform/db";
import type { Services } from "@weft/platform/services";
import type { DueSource } from "../../due-work/due-source.js";
import {
  advanceCalendarChange,
  beginCalendarChange,
  completeCalendarChange,
  findInheritingTenants,
  findOpenCalendarChange,
  findTenantsWithCalendarChanges,
  insertInheritedRecomputation,
  type CalendarChange,
} from "./calendar-change.store.js";
import { insertRecomputation } from "./recomputation.store.js";

/**
 * Changes of calendars, as a source of due work. The identity subgraph writes a row in the transaction that changes the configuration; each row
 * becomes one recomputation of open clocks, in the transaction that completes it.
 * A change of the platform or of a plan is a row of the platform's tenant. It becomes one recomputation in each tenant that inherits it and has open
 * clocks: each tenant is visited in a short transaction of its own. A process that is killed repeats the visits of at most one turn, without effect.
 */
export function dueCalendarChanges({ databases }: Pick<Services, "databases">): DueSource {
  return {
    name: "calendar changes",
    find: findTenantsWithCalendarChanges,
    next: async (tx) => (await findOpenCalendarChange(tx))?.createdAt ?? null,
    run: async (tenantId, limit, signal) => {
      const inTenant = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(databases.app, { tenantId }, "write", fn);
      const step = await inTenant(planStep);
      if (!step.change) return step.done;
      const { id } = step.change;
      const tenants = await databases.worker.begin((tx) => findInheritingTenants(tx, step.change, limit), "read");
      if (tenants.length === 0) {
        await inTenant((tx) => completeCalendarChange(tx, id));
        return 1;
      }
      let last: string | null = null;
      for (const inheriting of tenants) {
        if (signal.aborted) break;
        await asTenant(databases.app, { tenantId: inheriting }, "write", (tx) => insertInheritedRecomputation(tx, id));
        last = inheriting;
      }
      if (last === null) return 0;
      const visited = last;
      await inTenant((tx) => advanceCalendarChange(tx, id, visited));
      return tenants.length;
    },
  };
}

type Step = { readonly change: null; readonly done: number } | { readonly change: CalendarChange };

/** Completes the tenant's earliest change, or returns it if other tenants must be visited. */
async function planStep(tx: Tx): Promise<Step> {
  const change = await findOpenCalendarChange(tx);
  if (!change) return { change: null, done: 0 };
  if (change.isShared) {
    if (change.canVisit) return { change };
    if (change.waitsFor !== null) return { change: null, done: 0 };
    await beginCalendarChange(tx, change.id);
    return { change: null, done: 1 };
  }
  const { tenantId, id, teamId, message, requestedBy, createdAt } = change;
  if (await completeCalendarChange(tx, id))
    await insertRecomputation(tx, { tenantId, id, cause: "CALENDAR_CHANGE", teamId, message, requestedBy, createdAt });
  return { change: null, done: 1 };
}
