import "reflect-metadata";
import { listImports } from "@weft/drizzle";
import type { AnyColumn, SQL } from "drizzle-orm";
import { sql } from "drizzle-orm";
import { Field, InputType } from "type-graphql";
import { Forbidden } from "@weft/shared/errors";
import { type FilterField, textField } from "../filters/conditions.js";
import type { ExternalIdList } from "./external-id.store.js";

const { externalIds } = listImports;

@InputType({ description: "Conditions on the ID of an object in another system. All given conditions must be met." })
class ExternalIdFilter {
  @Field(() => String, { nullable: true, description: "Equal to this value." })
  eq?: string | null;

  @Field(() => [String], { nullable: true, description: "Equal to one of these values (at most 100)." })
  in?: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "`true` matches objects without an external ID only; `false` matches those with one only.",
  })
  isNull?: boolean | null;
}

const value = textField(externalIds.externalId);

/**
 * Conditions on the external ID, for users of the organization only.
 * @param id UUID of the object
 */
export const externalIdField = (list: ExternalIdList, id: AnyColumn): FilterField => ({
  input: ExternalIdFilter,
  description: "ID in another system. Only for users of the organization.",
  condition: (operator, operand, path, by) => {
    if (by === undefined || by.viewer.vendorId !== null) throw new Forbidden(`${path} is only for users of the organization.`);
    const ofTenant = sql`${externalIds.tenantId} = app.tenant()`;
    if (operator === "isNull") {
      // By the object, so that a page does not read all external IDs of the tenant.
      const has: SQL = sql`exists (select from ${externalIds} where ${ofTenant} and ${externalIds.objectId} = ${id})`;
      return operand === true ? sql`(not ${has})` : has;
    }
    const matches = value.condition(operator, operand, path, by);
    return sql`${id} in (select ${externalIds.objectId} from ${externalIds} where ${ofTenant} and ${externalIds.list} = ${list} and ${matches})`;
  },
});
