import "reflect-metadata";
/** Conditions on custom fields with `index: true`, each backed by a database index. */
import { customFields } from "@weft/drizzle";
import { and, eq, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import { Field, InputType } from "type-graphql";
import type { ListFilterField } from "../filters/conditions.js";
import { asksForNone, matchesValue, type ValueColumns } from "../filters/value-conditions.js";
import { JsonScalar } from "../scalars/json.js";
import { blind, type BlindCondition } from "./blind-filter.js";
import type { CustomFieldKind } from "@weft/platform/custom-field-kinds";

const { customFieldValues: values } = customFields;

const comparable = "Compares numbers with numbers, and strings with strings (including dates, as YYYY-MM-DD).";

@InputType({
  description:
    "A condition on one custom field. Several operators are combined with AND. A value whose type differs from the operand does not match.",
})
export class CustomFieldCondition {
  @Field(() => String, {
    description:
      "Name of a custom field with `index: true`. Fails with BAD_USER_INPUT if there is no such field. Encrypted fields support only `eq`, `in` and `isNull`.",
  })
  name!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Equals this string, number or Boolean." })
  eq?: unknown;

  @Field(() => JsonScalar, { nullable: true, description: "Has a value other than this." })
  ne?: unknown;

  @Field(() => [JsonScalar], { nullable: true, description: "Equals one of these values, at most 100, all of the same type." })
  in?: unknown[] | null;

  @Field(() => JsonScalar, { nullable: true, description: `Is greater, or later in the alphabet. ${comparable}` })
  gt?: unknown;

  @Field(() => JsonScalar, { nullable: true, description: `Is greater or equal. ${comparable}` })
  gte?: unknown;

  @Field(() => JsonScalar, { nullable: true, description: `Is less. ${comparable}` })
  lt?: unknown;

  @Field(() => JsonScalar, { nullable: true, description: `Is less or equal. ${comparable}` })
  lte?: unknown;

  @Field(() => String, { nullable: true, description: "String starts with this prefix (case-sensitive)." })
  startsWith?: string | null;

  @Field(() => String, { nullable: true, description: "String contains this text, ignoring case, within its first 200 characters." })
  contains?: string | null;

  @Field(() => Boolean, { nullable: true, description: "true: has no value; false: has a value." })
  isNull?: boolean | null;
}

// The types are written into the text: as parameters, they would not match the predicates of the indexes.
const columns: ValueColumns = {
  text: { column: values.textValue, cast: "text", isSet: sql`${values.type} = 'TEXT' and ${values.isSet}` },
  number: { column: values.numberValue, cast: "double precision", isSet: sql`${values.type} = 'NUMBER' and ${values.isSet}` },
};

function matchesBlindly(plain: SQL, { indexes, isAlone }: BlindCondition): SQL {
  const isIndexed = sql`${values.type} = 'ENCRYPTED' and ${values.isSet}`;
  const encrypted = sql`${and(isIndexed, ...indexes.map((some) => sql`${values.textValue} = any(${sql.param(some)}::text[])`))}`;
  return isAlone ? encrypted : sql`((${plain}) or (${encrypted}))`;
}

/** Filter such as `fields: [{ name: "floorArea", gte: 1000 }]` for a list of objects with this ID column. */
export const customFieldsFilter = (kind: CustomFieldKind, objectId: AnyColumn): ListFilterField => ({
  itemInput: CustomFieldCondition,
  description: "Conditions on custom fields with `index: true`. All must match.",
  itemCondition: (item, path) => {
    const { name, ...operators } = item;
    const wantsNone = asksForNone(operators, path);
    const matches = matchesValue(columns, operators, path) ?? sql`${values.isSet}`;
    const { [blind]: encrypted } = item as { readonly [blind]?: BlindCondition };
    const found = sql`${objectId} in (select ${values.objectId} from ${values}
      where ${and(
        sql`${values.tenantId} = app.tenant()`,
        eq(values.kind, kind),
        eq(values.field, String(name)),
        encrypted && encrypted.indexes.length > 0 ? matchesBlindly(matches, encrypted) : matches,
      )})`;
    return wantsNone ? sql`not (${found})` : found;
  },
});
