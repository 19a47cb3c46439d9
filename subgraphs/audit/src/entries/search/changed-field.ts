import "reflect-metadata";
import { audit } from "@weft/drizzle";
import { BadUserInput } from "@weft/shared/errors";
import type { FilterField } from "@weft/api/filters";
import { sql, type SQL } from "drizzle-orm";
import { Field, InputType } from "type-graphql";

const { auditEntries } = audit;

const maxNames = 20;

@InputType({ description: "Conditions on what a change has changed." })
export class ChangedFieldFilter {
  @Field(() => String, { nullable: true, description: "This field of the row has another value than before." })
  eq?: string | null;

  @Field(() => [String], { nullable: true, description: "At least one of these fields (at most 20) has another value than before." })
  in?: string[] | null;
}

/**
 * A row that is created or deleted has changed all its fields, which nobody looks for by field. Values that are encrypted differ each time they are written, so
 * personal values count as changed with every change of their row.
 */
const isChanged = (name: string): SQL =>
  sql`(${auditEntries.before} is not null and ${auditEntries.after} is not null
    and (${auditEntries.before} -> ${name}::text) is distinct from (${auditEntries.after} -> ${name}::text))`;

/** Condition on the fields that a change has changed, by their names in `before` and `after`. */
export const changedField: FilterField = {
  input: ChangedFieldFilter,
  description:
    "Fields that were changed, by their names in `before` and `after`. Requires `entityId`, `actorId`, or the start of a period (`at`), too.",
  weigh: (operand) => (Array.isArray(operand) ? operand.length : 1),
  condition: (_operator, operand, path) => {
    const names = (Array.isArray(operand) ? operand : [operand]) as readonly string[];
    if (names.length > maxNames)
      throw new BadUserInput([{ path, message: `${names.length} names were passed; the maximum is ${maxNames}.` }]);
    return names.length === 0 ? sql`false` : sql`(${sql.join(names.map(isChanged), sql` or `)})`;
  },
};
