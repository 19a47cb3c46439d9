import { BadUserInput } from "@weft/shared/errors";
import type { FilterField } from "@weft/api/filters";
import { sql, type AnyColumn, type SQL } from "drizzle-orm";
import { Field, InputType } from "type-graphql";
import { toTag } from "./labels.js";

const maxListed = 100;

@InputType({ description: "Conditions on tags, ignoring case." })
export class TagFilter {
  @Field(() => String, { nullable: true, description: "Has this tag." })
  eq?: string | null;

  @Field(() => [String], { nullable: true, description: "Has at least one of these tags, at most 100." })
  in?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: "true: has no tags; false: has at least one tag." })
  isNull?: boolean | null;
}

/** Conditions on a column of tags. */
export const tagField = (column: AnyColumn): FilterField => ({
  input: TagFilter,
  condition: (operator, operand, path) => {
    if (operator === "isNull") return operand === true ? sql`cardinality(${column}) = 0` : sql`cardinality(${column}) > 0`;
    return hasOneOf(column, [operand].flat().map(String), path);
  },
});

function hasOneOf(column: AnyColumn, tags: readonly string[], path: string): SQL {
  if (tags.length > maxListed)
    throw new BadUserInput([{ path, message: `${tags.length} values were passed; the maximum is ${maxListed}.` }]);
  return sql`${column} && array(select jsonb_array_elements_text(${JSON.stringify(tags.map(toTag))}::text::jsonb))`;
}
