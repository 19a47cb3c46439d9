import { encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { selectStartedRuns, selectUsesOfDefinitions, selectUsesOfInstances } from "./use.store.js";
import { SharedStartStatus, type DefinitionOrigin, type SharedResult } from "./use.type.js";

const ended: ReadonlySet<string> = new Set([SharedStartStatus.SUCCEEDED, SharedStartStatus.FAILED, SharedStartStatus.CANCELLED]);

/** Loads what the owner shows of a start. One statement for all starts of the response. Null if the owner shows nothing (any more). */
export function loadResult(ctx: Context, useId: string): Promise<SharedResult | null> {
  const loader = ctx.loader<string, SharedResult>("sharedResult", async (tx, ids) => {
    const rows = await selectStartedRuns(tx, ids);
    return new Map(
      rows.map(({ use_id: id, status, outputs, finished_at: finishedAt }) => [
        id,
        { status: ended.has(status) ? (status as SharedStartStatus) : SharedStartStatus.RUNNING, outputs, finishedAt },
      ]),
    );
  });
  return loader.load(useId);
}

/** Loads the name of the tenant that has started an instance. Null if no other tenant has. */
export function loadStartingTenant(ctx: Context, instanceId: string): Promise<string | null> {
  const loader = ctx.loader<string, string>("startingTenant", async (tx, ids) => {
    const rows = await selectUsesOfInstances(tx, ids);
    return new Map(rows.flatMap(({ instanceId: id, partnerName }) => (id === null ? [] : [[id, partnerName] as const])));
  });
  return loader.load(instanceId);
}

/** Loads where a version of a definition was copied from. Null if it was not. */
export function loadOrigin(ctx: Context, definitionId: string): Promise<DefinitionOrigin | null> {
  const loader = ctx.loader<string, DefinitionOrigin>("definitionOrigin", async (tx, ids) => {
    const rows = await selectUsesOfDefinitions(tx, ids);
    return new Map(
      rows.flatMap(({ definitionId: id, partnerName: ownerName, shareId, definitionNumber: number }) =>
        id === null ? [] : [[id, { ownerName, shareId: encodeId("definitionShare", shareId), number }] as const],
      ),
    );
  });
  return loader.load(definitionId);
}
