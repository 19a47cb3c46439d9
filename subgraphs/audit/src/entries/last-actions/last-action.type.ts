import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, can } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import { actionName } from "@weft/platform/audit";
import type { LastActionRow } from "./last-action.store.js";

const lastActionColumns = columns({
  action: column.text("Action in camelCase, for example `request.create`."),
  lastAt: column.time("Time of the newest entry. Always real time."),
  count: column.int("Number of entries."),
});

@ShowColumns(lastActionColumns)
@ObjectType({ description: "When a user did something last, and how often, by the audit log." })
@Allow(can("audit.read"))
export class LastAction extends shapeOf(lastActionColumns) {
  /** UUID, for the field resolver. */
  actorUuid!: string;
}

/** Converts rows to their API type. An action that is stored in two spellings becomes one. */
export function toLastActions(rows: readonly LastActionRow[]): readonly LastAction[] {
  const found = new Map<string, LastAction>();
  for (const { actorId, action: stored, lastAt, count } of rows) {
    const action = actionName(stored);
    const key = `${actorId} ${action}`;
    const other = found.get(key);
    const isNewer = other === undefined || Date.parse(lastAt) > Date.parse(other.lastAt);
    const values = { actorUuid: actorId, action, lastAt: isNewer ? lastAt : other.lastAt, count: count + (other?.count ?? 0) };
    found.set(key, Object.assign(new LastAction(), values));
  }
  return [...found.values()];
}
