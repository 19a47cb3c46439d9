import { actionName } from "@weft/platform/audit";
import { type FilterField, textField } from "@weft/api/filters";
import { and, or, sql, type AnyColumn, type SQL } from "drizzle-orm";

/** A filter by actions. It finds them under both stored spellings, whichever it is given. */
export function actionField(column: AnyColumn, description: string): FilterField {
  const field = textField(column, description);
  return {
    ...field,
    condition: (operator, operand, path, by) => {
      const [first, ...others] = spellings(operand).map((spelling) => field.condition(operator, spelling, path, by));
      if (first === undefined) return sql`false`;
      return (operator === "ne" ? and(first, ...others) : or(first, ...others)) as SQL;
    },
  };
}

/** The operand as it is given, and in the other spellings if these differ. */
function spellings(operand: unknown): readonly unknown[] {
  const inAll = (spelled: (text: string) => string): unknown =>
    Array.isArray(operand)
      ? operand.map((each: unknown) => (typeof each === "string" ? spelled(each) : each))
      : typeof operand === "string"
        ? spelled(operand)
        : operand;
  const different = new Map([operand, inAll(actionName), inAll(snakeCase)].map((each) => [JSON.stringify(each), each]));
  return [...different.values()];
}

/** `building.setContact` as `building.set_contact`. The type of the object is in camelCase in both spellings. */
const snakeCase = (action: string): string => {
  const dot = action.indexOf(".");
  return action.slice(0, dot + 1) + action.slice(dot + 1).replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
};
