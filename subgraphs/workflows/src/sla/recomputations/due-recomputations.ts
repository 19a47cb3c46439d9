import { countOpenClocks, previewClocks, recomputeClocks, selectClockOwners } from "@weft/engine";
import { asTenant, type DueTenants, type Tx } from "@weft/platform/db";
import { metaOfWork, wakeRelay } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import type { DueSource } from "../../due-work/due-source.js";
import {
  advanceRecomputation,
  beginRecomputation,
  completeRecomputation,
  findNextRecomputation,
  findOpenRecomputation,
  type OpenRecomputation,
} from "./recomputation.store.js";
import { findTenantsWithOpen } from "./waiting.js";

type Parts = Pick<Services, "databases" | "pubsub" | "keyring" | "log">;

/**
 * Recomputations of SLA clocks, as a source of due work. Each turn examines a few instances. Only those whose clocks would change are locked, each in
 * its own transaction; the ledger shows which. A process that is killed repeats at most one turn, and finds that the terms are the current ones.
 */
export function dueRecomputations({ databases, pubsub, keyring, log }: Parts): DueSource {
  return {
    name: "sla recomputations",
    find: findTenantsWithRecomputations,
    next: findNextRecomputation,
    run: async (tenantId, limit, signal) => {
      const meta = metaOfWork("sla", tenantId, keyring);
      const inTenant = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(databases.app, { tenantId }, "write", fn);
      const step = await inTenant((tx) => planStep(tx, tenantId, limit));
      if (!step.recomputation) return step.done;
      const { recomputation, owners, affected } = step;
      let examined = 0;
      let last: string | null = null;
      for (const { instanceId, clocks } of owners) {
        if (signal.aborted) break;
        if (affected.has(instanceId)) await inTenant((tx) => recomputeClocks(tx, meta, { instanceId, ...factsOf(recomputation) }));
        examined += clocks;
        last = instanceId;
      }
      if (last === null) return 0;
      const position = { lastInstanceId: last, clocks: examined };
      await inTenant((tx) => advanceRecomputation(tx, recomputation, position));
      if (affected.size > 0) wakeRelay(pubsub, log);
      return owners.length;
    },
  };
}

type Step =
  | { readonly recomputation: null; readonly done: number }
  | {
      readonly recomputation: OpenRecomputation;
      readonly owners: readonly { readonly instanceId: string; readonly clocks: number }[];
      /** UUIDs of the instances with clocks that would change. */
      readonly affected: ReadonlySet<string>;
    };

/** Begins or completes the earliest recomputation, or finds the next instances. */
async function planStep(tx: Tx, tenantId: string, limit: number): Promise<Step> {
  const recomputation = await findOpenRecomputation(tx);
  if (!recomputation) return { recomputation: null, done: 0 };
  const { id, lastInstanceId: after } = recomputation;
  if (recomputation.waitsFor === null) {
    await beginRecomputation(tx, id, await countOpenClocks(tx, recomputation));
    return { recomputation: null, done: 1 };
  }
  if (!recomputation.canRead) return { recomputation: null, done: 0 };
  const owners = await selectClockOwners(tx, recomputation, { after, limit });
  if (owners.length === 0) {
    await completeRecomputation(tx, id);
    return { recomputation: null, done: 1 };
  }
  const previews = await previewClocks(
    tx,
    tenantId,
    owners.map(({ instanceId }) => instanceId),
  );
  return { recomputation, owners, affected: new Set(previews.map(({ row }) => row.instanceId)) };
}

const factsOf = ({ id, cause, requestedBy, message }: OpenRecomputation) => ({
  recomputationId: id,
  cause: cause as "POLICY_CHANGE" | "CALENDAR_CHANGE",
  by: requestedBy,
  reason: message,
});

/** Active tenants with a recomputation that is not complete, longest waiting first. */
const findTenantsWithRecomputations = (tx: Tx, limit: number): Promise<DueTenants> =>
  findTenantsWithOpen(tx, { name: "findTenantsWithSlaRecomputations", table: "workflows.sla_recomputations", limit });
