import { workflows } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { filterInput, type FilterValue, flagField, idField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, type Page } from "@weft/api/pages";
import { and, sql } from "drizzle-orm";
import { countAbsences, selectAbsencePage, visible, type AbsenceRow } from "./absence.store.js";
import { toAbsence, type Absence } from "./absence.type.js";

const { absences } = workflows;

export const AbsenceFilter = filterInput("AbsenceFilter", {
  userId: idField("user", absences.userId, "Absent user."),
  substituteId: idField("user", absences.substituteId, "Substitute."),
  startsAt: timeField(absences.startsAt),
  endsAt: timeField(absences.endsAt),
  isNow: flagField(
    sql`${absences.startsAt} <= app.weft_now() and ${absences.endsAt} > app.weft_now()`,
    "Whether the substitution is in effect now.",
  ),
});

/** Returns a page of the absences that concern the viewer, or of all absences if the viewer can assign tasks. Earliest start first. */
export function listAbsences(ctx: Context, filter: FilterValue | null | undefined, args: ConnectionArgs): Promise<Page<Absence>> {
  const where = and(visible(ctx.viewer), AbsenceFilter.toSql(filter));
  return keysetPage<AbsenceRow, Absence>(ctx, {
    args,
    list: "absences",
    orderBy: { name: "STARTS_AT", column: absences.startsAt, valueOf: (row) => row.startsAt, direction: "ASC" },
    id: { column: absences.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectAbsencePage(tx, where, slice)),
    count: () => ctx.read((tx) => countAbsences(tx, where)),
    toNode: toAbsence,
  });
}
