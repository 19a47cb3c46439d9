import { sla } from "@weft/drizzle";
import { explainChanges, type ExplainedChange } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { type ConnectionArgs, keysetPage, type Page } from "@weft/api/pages";
import { eq } from "drizzle-orm";
import {
  countChanges,
  countRecomputations,
  selectChangePage,
  selectRecomputationPage,
  type ChangeRow,
  type RecomputationRow,
} from "./recomputation.store.js";
import { toClockChange, toRecomputation, type SlaClockChange, type SlaRecomputation } from "./recomputation.type.js";

const { slaIntervals, slaRecomputations } = sla;

/** Returns a page of recomputations, newest first. */
export function listRecomputations(ctx: Context, page: ConnectionArgs): Promise<Page<SlaRecomputation>> {
  return keysetPage<RecomputationRow, SlaRecomputation>(ctx, {
    args: page,
    list: "slaRecomputations",
    orderBy: null,
    id: { column: slaRecomputations.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectRecomputationPage(tx, slice)),
    count: () => ctx.read((tx) => countRecomputations(tx)),
    toNode: toRecomputation,
  });
}

type Change = { readonly row: ChangeRow; readonly change: ExplainedChange };

/** Returns a page of the clocks that a recomputation has changed, by ID, newest first. */
export function listChanges(ctx: Context, recomputationId: string, page: ConnectionArgs): Promise<Page<SlaClockChange>> {
  const where = eq(slaIntervals.recomputationId, recomputationId);
  return keysetPage<Change, SlaClockChange>(ctx, {
    args: page,
    list: `slaRecomputation ${recomputationId}`,
    orderBy: null,
    id: { column: slaIntervals.clockId, valueOf: ({ row }) => row.clockId },
    fetch: (slice) =>
      ctx.read(async (tx) => {
        const rows = await selectChangePage(tx, where, slice);
        const explained = await explainChanges(tx, rows);
        return rows.flatMap((row): Change[] => {
          const change = explained.get(row.clockId);
          return change ? [{ row, change }] : [];
        });
      }),
    count: () => ctx.read((tx) => countChanges(tx, where)),
    toNode: ({ change }) => toClockChange(change),
  });
}
