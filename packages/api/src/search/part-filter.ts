import { type AnyColumn, sql } from "drizzle-orm";
import { type FilterField, textField } from "../filters/conditions.js";

/** Texts of which every part can be searched for. `app.index_suffixes` writes their ends into `app.search_words`. */
export type SearchedText = "requestNumber" | "assetTag" | "assetSerialNumber";

/**
 * Conditions on a short text column. `contains` also reads the ends that begin with the text from their index: under row-level security, `ilike` alone
 * would be compared with every row of the tenant. A scan in list order still compares the column first, and looks up only the matches. Request plans for
 * the values (`planForValues`), because they decide which of the two is better.
 * @param id UUID of the object
 */
export function partsField(kind: SearchedText, id: AnyColumn, column: AnyColumn): FilterField {
  const field = textField(column);
  return {
    ...field,
    condition: (operator, operand, path, by) => {
      const compared = field.condition(operator, operand, path, by);
      if (operator !== "contains" || typeof operand !== "string" || operand === "") return compared;
      const start = sql`left(lower(${operand}::text), 60)`;
      const hasEnd = sql`${id} in (select s.object_id from app.search_words s
        where s.tenant_id = app.tenant() and s.object_type = ${kind} and s.word >= ${start} and s.word < ${start} || chr(1114111))`;
      return sql`(${hasEnd} and ${compared})`;
    },
  };
}
