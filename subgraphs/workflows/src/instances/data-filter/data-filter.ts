/** Conditions on data fields that definitions list under `index`, each backed by a database index. */
import { workflows } from "@weft/drizzle";
import { hiddenFromVendors } from "@weft/engine";
import type { Viewer } from "@weft/shared/viewer";
import {
  asksForNone,
  type FilterField,
  foldedWordsOf,
  type ListFilterField,
  matchesValue,
  type ValueColumns,
  wordsField,
} from "@weft/api/filters";
import { JsonScalar } from "@weft/api/scalars";
import { and, eq, isNotNull, isNull, notInArray, or, sql, type SQL } from "drizzle-orm";
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
      "A property of the data that a definition lists under `index`. Fails with BAD_USER_INPUT if no published definition indexes it; for users of a vendor, the filter matches nothing instead, as for properties that they do not see.",
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
  itemCondition: ({ field, ...operators }, path, viewer) => {
    const wantsNone = asksForNone(operators, path);
    const matching = sql`${instances.id} in (select ${instanceFields.instanceId} from ${instanceFields}
      where ${and(
        sql`${instanceFields.tenantId} = app.tenant()`,
        eq(instanceFields.field, String(field)),
        (wantsNone ? undefined : matchesValue(columns, operators, path)) ?? hasValue,
      )})`;
    const hiding = Object.entries(hiddenFromVendors).flatMap(([kind, hidden]) => (hidden.includes(String(field)) ? [kind] : []));
    const found = sql`(${and(matching, isShown(hiding, viewer))})`;
    return wantsNone ? sql`not (${found})` : found;
  },
};

/** Whether the viewer sees the value: users of a vendor do not see it in workflows about objects of these kinds. */
const isShown = (hiding: readonly string[], viewer: Viewer | undefined): SQL | undefined =>
  viewer?.vendorId === null || hiding.length === 0
    ? undefined
    : or(isNull(instances.subjectType), notInArray(instances.subjectType, [...hiding]));

const columns: ValueColumns = {
  text: { column: instanceFields.textValue, cast: "text", isSet: isNotNull(instanceFields.textValue) },
  number: { column: instanceFields.numberValue, cast: "numeric", isSet: isNotNull(instanceFields.numberValue) },
};

/** A field whose value was removed keeps its row. */
const hasValue = sql`num_nonnulls(${instanceFields.textValue}, ${instanceFields.numberValue}) = 1`;

/** Search such as `search: { contains: "lift north" }`: every word, or its prefix, occurs in one of the indexed strings. */
export const dataSearchField: FilterField = wordsField((words, by) => {
  const found = and(...foldedWordsOf(words.join(" ")).map(hasWord));
  // The words do not say which property they are from.
  return (found && and(found, isShown(Object.keys(hiddenFromVendors), by?.viewer))) ?? sql`false`;
}, "Text search in the indexed strings, ignoring accents. Prefixes of words match. For users of a vendor, workflows about projects and vendors do not match.");

/**
 * One of its words starts with this. Written as a range of strings, because string comparisons are leakproof, so the index can be used under
 * row-level security.
 */
const hasWord = (word: string): SQL =>
  sql`${instances.id} in (select ${instanceWords.instanceId} from ${instanceWords}
    where ${instanceWords.tenantId} = app.tenant() and ${instanceWords.word} >= ${word} and ${instanceWords.word} < ${word} || chr(1114111))`;
