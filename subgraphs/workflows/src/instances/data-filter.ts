/** Conditions on values of the data: on the fields that definitions declare under `index`, each with an index of the database behind it. */
import { workflows } from "@weft/drizzle";
import { MAX_INDEXED_CHARS, indexedText } from "@weft/engine";
import { BadUserInput, JsonScalar, maxListed, wordsField, foldedWordsOf, type FilterField, type ListFilterField } from "@weft/shared";
import { and, eq, isNotNull, sql, type SQL } from "drizzle-orm";
import { Field, InputType } from "type-graphql";

const { instanceFields, instances, instanceWords } = workflows;

const comparable = "A number with numbers, a text with texts (dates too, as YYYY-MM-DD).";

@InputType({
  description: "A condition on one value of the data. Several operators are joined by and; of another type than the operand is no match.",
})
export class DataCondition {
  @Field(() => String, {
    description:
      "A property of the data that a definition lists under `index`. BAD_USER_INPUT for one that no published definition indexes; for users of a vendor, such a field finds nothing instead.",
  })
  field!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Is exactly this text, number or boolean." })
  eq?: unknown;

  @Field(() => JsonScalar, { nullable: true, description: "There is a value, and it is not this." })
  ne?: unknown;

  @Field(() => [JsonScalar], { nullable: true, description: "Is one of these, at most 100, all of one type." })
  in?: unknown[] | null;

  @Field(() => JsonScalar, { nullable: true, description: `Is greater, or later in the alphabet. ${comparable}` })
  gt?: unknown;

  @Field(() => JsonScalar, { nullable: true, description: `Is greater or equal. ${comparable}` })
  gte?: unknown;

  @Field(() => JsonScalar, { nullable: true, description: `Is less. ${comparable}` })
  lt?: unknown;

  @Field(() => JsonScalar, { nullable: true, description: `Is less or equal. ${comparable}` })
  lte?: unknown;

  @Field(() => String, { nullable: true, description: "The text begins with this, in the same case." })
  startsWith?: string | null;

  @Field(() => Boolean, { nullable: true, description: "true: there is no value; false: there is one." })
  isNull?: boolean | null;
}

/** `data: [{ field: "amount", gte: 1000 }]` */
export const dataField: ListFilterField = {
  itemInput: DataCondition,
  description: "Conditions on values of the data, of the fields that definitions list under `index`. All must hold.",
  itemCondition: ({ field, ...operators }, path) => {
    const given = Object.entries(operators).filter(([, operand]) => operand !== undefined);
    if (given.length === 0) throw refused(path, "Say what the value must be, for instance eq: 5.");
    const name = String(field);
    const wantsNone = operators["isNull"] === true;
    if (wantsNone && given.length > 1) throw refused(`${path}.isNull`, "What has no value meets no other condition.");
    const matches = wantsNone ? undefined : and(...given.map(([operator, operand]) => matching(operator, operand, `${path}.${operator}`)));
    const found = sql`${instances.id} in (select ${instanceFields.instanceId} from ${instanceFields}
      where ${and(sql`${instanceFields.tenantId} = app.tenant()`, eq(instanceFields.field, name), matches ?? hasValue)})`;
    return wantsNone ? sql`not (${found})` : found;
  },
};

/** A field that lost its value keeps its row. */
const hasValue = sql`num_nonnulls(${instanceFields.textValue}, ${instanceFields.numberValue}) = 1`;

/** `search: { contains: "lift north" }`: every word, or its beginning, in one of the indexed texts. */
export const dataSearchField: FilterField = wordsField(
  (words) => and(...foldedWordsOf(words.join(" ")).map(hasWord)) ?? sql`false`,
  "By the words of the indexed texts, with or without their accents; a word may be the beginning of one.",
);

/** One of its words begins with this. As a range of texts: comparing them is leak-proof, so the index answers it below row-level security. */
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
  if (operand === null) throw refused(path, "null compares with nothing; use isNull, or leave it out.");
  if (operator === "startsWith") {
    const text = operand as string;
    if (text.length > MAX_INDEXED_CHARS) throw refused(path, `At most ${MAX_INDEXED_CHARS} characters.`);
    return sql`${isNotNull(instanceFields.textValue)} and starts_with(${instanceFields.textValue}, ${text})`;
  }
  if (operator === "in") {
    const values = operand as readonly unknown[];
    if (values.length > maxListed) throw refused(path, `At most ${maxListed} values, not ${values.length}.`);
    const [first] = values;
    if (first === undefined) return sql`false`;
    const { column, cast } = storedAs(first, `${path}.0`);
    const operands = values.map((value, at) => {
      const stored = storedAs(value, `${path}.${at}`);
      if (stored.cast !== cast) throw refused(`${path}.${at}`, "The values are of several types; a field has one.");
      return String(stored.value);
    });
    // The driver knows lists of texts, not of numbers.
    return sql`${column} = any(${sql.param(operands)}::text[]::${sql.raw(cast)}[])`;
  }
  const sign = comparisons.get(operator);
  if (!sign) throw new Error(`${path}: no operator ${operator}`);
  if (typeof operand === "boolean" && operator !== "eq" && operator !== "ne") throw refused(path, "true and false have no order.");
  const { column, value, cast } = storedAs(operand, path);
  return sql`${column} ${sign} ${String(value)}::${sql.raw(cast)}`;
}

/** The column that has values of this type, and the value as it stands there. */
function storedAs(value: unknown, path: string) {
  if (typeof value === "number") return { column: instanceFields.numberValue, value, cast: "numeric" };
  if (typeof value === "string") return { column: instanceFields.textValue, value: indexedText(value), cast: "text" };
  if (typeof value === "boolean") return { column: instanceFields.textValue, value, cast: "text" };
  throw refused(path, "Expected a text, a number, true or false.");
}

const refused = (path: string, message: string): BadUserInput => new BadUserInput([{ path, message }]);
