/** Conditions on data fields that definitions list under `index`, each backed by a database index. */
import { workflows } from "@weft/drizzle";
import { MAX_INDEXED_CHARS, indexedText } from "@weft/engine";
import { BadUserInput, JsonScalar, maxListed, wordsField, foldedWordsOf, type FilterField, type ListFilterField } from "@weft/shared";
import { and, eq, isNotNull, sql, type SQL } from "drizzle-orm";
import { Field, InputType } from "type-graphql";

const { instanceFields, instances, instanceWords } = workflows;

const comparable = "Compares numbers with numbers, and strings with strings (including dates, as YYYY-MM-DD).";

@InputType({
  description:
    "A condition on one value of the data. Several operators are combined with AND. A value whose type differs from the operand does not match.",
})
export class DataCondition {
  @Field(() => String, {
    description:
      "A property of the data that a definition lists under `index`. Fails with BAD_USER_INPUT if no published definition indexes it; for users of a vendor, the filter matches nothing instead.",
  })
  field!: string;

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

  @Field(() => Boolean, { nullable: true, description: "true: has no value; false: has a value." })
  isNull?: boolean | null;
}

/** Filter such as `data: [{ field: "amount", gte: 1000 }]`. */
export const dataField: ListFilterField = {
  itemInput: DataCondition,
  description: "Conditions on data fields that definitions list under `index`. All must match.",
  itemCondition: ({ field, ...operators }, path) => {
    const given = Object.entries(operators).filter(([, operand]) => operand !== undefined);
    if (given.length === 0) throw refused(path, "Specify a condition for the field. Example: eq: 5.");
    const name = String(field);
    const wantsNone = operators["isNull"] === true;
    if (wantsNone && given.length > 1) throw refused(`${path}.isNull`, "isNull: true cannot be combined with other operators.");
    const matches = wantsNone ? undefined : and(...given.map(([operator, operand]) => matching(operator, operand, `${path}.${operator}`)));
    const found = sql`${instances.id} in (select ${instanceFields.instanceId} from ${instanceFields}
      where ${and(sql`${instanceFields.tenantId} = app.tenant()`, eq(instanceFields.field, name), matches ?? hasValue)})`;
    return wantsNone ? sql`not (${found})` : found;
  },
};

/** A field whose value was removed keeps its row. */
const hasValue = sql`num_nonnulls(${instanceFields.textValue}, ${instanceFields.numberValue}) = 1`;

/** Search such as `search: { contains: "lift north" }`: every word, or its prefix, occurs in one of the indexed strings. */
export const dataSearchField: FilterField = wordsField(
  (words) => and(...foldedWordsOf(words.join(" ")).map(hasWord)) ?? sql`false`,
  "Text search in the indexed strings, ignoring accents. Prefixes of words match.",
);

/**
 * One of its words starts with this. Written as a range of strings, because string comparisons are leakproof, so the index can be used under
 * row-level security.
 */
const hasWord = (word: string): SQL =>
  sql`${instances.id} in (select ${instanceWords.instanceId} from ${instanceWords}
    where ${instanceWords.tenantId} = app.tenant() and ${instanceWords.word} >= ${word} and ${instanceWords.word} < ${word} || chr(1114111))`;

const comparisons: ReadonlyMap<string, SQL> = new Map([
  ["eq", sql`=`],
  ["ne", sql`<>`],
  ["gt", sql`>`],
  ["gte", sql`>=`],
  ["lt", sql`<`],
  ["lte", sql`<=`],
]);

function matching(operator: string, operand: unknown, path: string): SQL | undefined {
  if (operator === "isNull") return undefined;
  if (operand === null) throw refused(path, "A value cannot be compared with null. Use isNull or omit the operator.");
  if (operator === "startsWith") {
    const text = operand as string;
    if (text.length > MAX_INDEXED_CHARS) throw refused(path, `The maximum is ${MAX_INDEXED_CHARS} characters.`);
    return sql`${isNotNull(instanceFields.textValue)} and starts_with(${instanceFields.textValue}, ${text})`;
  }
  if (operator === "in") {
    const values = operand as readonly unknown[];
    if (values.length > maxListed) throw refused(path, `${values.length} values were passed; the maximum is ${maxListed}.`);
    const [first] = values;
    if (first === undefined) return sql`false`;
    const { column, cast } = storedAs(first, `${path}.0`);
    const operands = values.map((value, at) => {
      const stored = storedAs(value, `${path}.${at}`);
      if (stored.cast !== cast)
        throw refused(`${path}.${at}`, "The values have different types. All values must have the type of the field.");
      return String(stored.value);
    });
    // The driver supports arrays of strings, but not of numbers.
    return sql`${column} = any(${sql.param(operands)}::text[]::${sql.raw(cast)}[])`;
  }
  const sign = comparisons.get(operator);
  if (!sign) throw new Error(`${path}: unknown operator ${operator}`);
  if (typeof operand === "boolean" && operator !== "eq" && operator !== "ne")
    throw refused(path, "Booleans cannot be ordered. Use eq or ne.");
  const { column, value, cast } = storedAs(operand, path);
  return sql`${column} ${sign} ${String(value)}::${sql.raw(cast)}`;
}

/** Returns the column for values of this type, and the value as stored there. */
function storedAs(value: unknown, path: string) {
  if (typeof value === "number") return { column: instanceFields.numberValue, value, cast: "numeric" };
  if (typeof value === "string") return { column: instanceFields.textValue, value: indexedText(value), cast: "text" };
  if (typeof value === "boolean") return { column: instanceFields.textValue, value, cast: "text" };
  throw refused(path, "Expected a string, a number or a Boolean.");
}

const refused = (path: string, message: string): BadUserInput => new BadUserInput([{ path, message }]);
