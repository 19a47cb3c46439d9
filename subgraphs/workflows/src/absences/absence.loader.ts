import type { Context } from "@weft/api/context";
import { selectAbsences } from "./absence.store.js";
import { toAbsence, type Absence } from "./absence.type.js";

/** Loads absences by UUID. Null for those that the viewer cannot see. */
export function loadAbsence(ctx: Context, id: string): Promise<Absence | null> {
  const { viewer } = ctx;
  return ctx
    .loader<string, Absence>(
      "absence",
      async (tx, ids) => new Map((await selectAbsences(tx, viewer, ids)).map((row) => [row.id, toAbsence(row)])),
    )
    .load(id);
}
