import { requests as tables } from "@weft/drizzle";
import { Forbidden } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { reachesAll } from "@weft/shared/viewer";
import { isOfVendor } from "@weft/platform/access";
import { type FilterField, idField } from "@weft/api/filters";
import type { SearchContext } from "@weft/api/search";
import { type SQL, sql } from "drizzle-orm";

const { buildings, buildingUsers } = tables;

const user = idField(
  "user",
  buildingUsers.userId,
  "User assigned to the building. Requires `user.read` in the scope `TENANT`, except for your own ID. Users of a vendor cannot filter by it.",
);

const isAssigned = (who: SQL): SQL =>
  sql`${buildings.id} in (select ${buildingUsers.buildingId} from ${buildingUsers} where ${buildingUsers.tenantId} = app.tenant() and ${who})`;

/** Conditions on any of the users assigned to a building. */
export const buildingUserField: FilterField = {
  ...user,
  condition: (operator, operand, path, by) => {
    assertAllowed(by, { operator, operand, path });
    if (operator === "isNull") return operand === true ? sql`(${isAssigned(sql`true`)} is not true)` : isAssigned(sql`true`);
    if (operator === "ne") return sql`(${isAssigned(user.condition("eq", operand, path))} is not true)`;
    return isAssigned(user.condition(operator, operand, path));
  },
};

interface Condition {
  readonly operator: string;
  readonly operand: unknown;
  readonly path: string;
}

/** `Building.users` shows only users whom the viewer can see, so a filter must not find the others. */
function assertAllowed(by: SearchContext | undefined, { operator, operand, path }: Condition): void {
  if (by === undefined) throw new Error(`${path}: toSql requires the viewer`);
  const { viewer } = by;
  if (isOfVendor(viewer)) throw new Forbidden(`${path} is only for users of the organization.`);
  const isAboutViewer = operator === "eq" && operand === encodeId("user", viewer.userId);
  if (!isAboutViewer && !reachesAll(viewer, "user.read"))
    throw new Forbidden(`${path} requires the permission user.read in the scope TENANT, except for your own ID.`);
}
