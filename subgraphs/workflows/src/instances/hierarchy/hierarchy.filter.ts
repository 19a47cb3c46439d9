import { visibleInstances } from "@weft/platform/rights";
import { workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { type FilterField, idField } from "@weft/api/filters";
import { and, eq, exists, not, sql, type SQL } from "drizzle-orm";
import { alias, QueryBuilder } from "drizzle-orm/pg-core";

const { instances } = workflows;
const parents = alias(instances, "parents");

const onParent = idField("instance", instances.parentId, "ID of the parent instance. Null if you cannot see the parent.");

/** Filter by parent. A parent that the viewer cannot see counts as none; otherwise the filter would reveal whose children the viewer sees. */
export const parentField: FilterField = {
  ...onParent,
  condition: (operator, operand, path, by) => {
    const hasOne = hasVisibleParent(by?.viewer);
    if (operator === "isNull") return operand === true ? not(hasOne) : hasOne;
    return and(onParent.condition(operator, operand, path), hasOne) ?? hasOne;
  },
};

function hasVisibleParent(viewer: Viewer | undefined): SQL {
  const isVisible = viewer ? visibleInstances(viewer, "workflow.read", parents) : sql`false`;
  const parent = new QueryBuilder()
    .select({ id: parents.id })
    .from(parents)
    .where(and(eq(parents.tenantId, instances.tenantId), eq(parents.id, instances.parentId), isVisible));
  return exists(parent);
}
