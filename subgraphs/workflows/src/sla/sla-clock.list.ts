import { sla } from "@weft/drizzle";
import type { StandingClock } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, flagField, idField, textField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { SlaStatus, slaStatusOf } from "@weft/api/sla-status";
import { and, isNotNull, isNull, lte, or, sql } from "drizzle-orm";
import { breachedAt, countSlaClocks, nameOf, selectSlaClockPage, visible } from "./sla-clock.store.js";
import { toSlaClock, type SlaClock } from "./sla-clock.type.js";

const { slaClocks } = sla;

export const SlaClockFilter = filterInput("SlaClockFilter", {
  status: enumField("SlaStatus", SlaStatus, slaStatusOf(slaClocks)),
  definitionKey: textField(slaClocks.definitionKey),
  name: textField(nameOf, "Name of the SLA in the definition. For a state or a task, the name of that."),
  title: textField(slaClocks.title),
  instanceId: idField("instance", slaClocks.instanceId),
  taskId: idField("task", slaClocks.taskId),
  startedAt: timeField(slaClocks.startedAt),
  dueAt: timeField(slaClocks.dueAt),
  breachedAt: timeField(breachedAt, "Time when the target was reached."),
  endedAt: timeField(slaClocks.endedAt),
  isPausedByHand: flagField(sql`${slaClocks.isPausedByHand}`),
});

export const SlaClockOrder = orderByInput("SlaClockOrder", {
  STARTED_AT: { column: slaClocks.startedAt, valueOf: ({ row }: StandingClock) => row.startedAt },
});

export type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Clocks that have not ended, and clocks that have reached their target. */
const kinds = {
  timers: isNull(slaClocks.endedAt),
  breaches: or(isNotNull(slaClocks.breachedAt), and(sql`${slaClocks.phase} = 'RUN'`, lte(slaClocks.dueAt, sql`app.weft_now()`))),
};

/** Returns a page of the clocks of instances that the viewer can see. */
export function listSlaClocks(ctx: Context, kind: keyof typeof kinds, { filter, orderBy, page }: ListOptions): Promise<Page<SlaClock>> {
  const where = and(visible(ctx.viewer, "sla.read"), kinds[kind], SlaClockFilter.toSql(filter));
  return keysetPage<StandingClock, SlaClock>(ctx, {
    args: page,
    list: kind === "timers" ? "slaTimers" : "slaBreaches",
    orderBy: SlaClockOrder.resolve(orderBy, ["STARTED_AT", kind === "timers" ? "ASC" : "DESC"]),
    id: { column: slaClocks.id, valueOf: ({ row }) => row.id },
    fetch: (slice) => ctx.read((tx) => selectSlaClockPage(tx, where, slice)),
    count: () => ctx.read((tx) => countSlaClocks(tx, where)),
    toNode: toSlaClock,
  });
}
