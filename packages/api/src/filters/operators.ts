import "reflect-metadata";
import { Field, Float, ID, InputType } from "type-graphql";
import { DateTimeScalar } from "../scalars/date-time.js";

const isNullText = "`true` matches missing values only; `false` matches existing values only.";

@InputType({ description: "Conditions on a string. All given conditions must be met." })
export class StringFilter {
  @Field(() => String, { nullable: true, description: "Equal to this value." })
  eq?: string | null;

  @Field(() => String, { nullable: true, description: "Not equal to this value." })
  ne?: string | null;

  @Field(() => [String], { nullable: true, description: "Equal to one of these values (at most 100)." })
  in?: string[] | null;

  @Field(() => String, { nullable: true, description: "Contains this text, ignoring case." })
  contains?: string | null;

  @Field(() => Boolean, { nullable: true, description: isNullText })
  isNull?: boolean | null;
}

@InputType({ description: "Word search." })
export class SearchFilter {
  @Field(() => String, {
    nullable: true,
    description: "Contains all of these words (at most 8), in any order, ignoring case. Words are separated by spaces and punctuation.",
  })
  contains?: string | null;
}

@InputType({ description: "Conditions on tags. All given conditions must be met." })
export class TagsFilter {
  @Field(() => String, { nullable: true, description: "Has this tag, ignoring case." })
  has?: string | null;

  @Field(() => [String], { nullable: true, description: "Has at least one of these tags (at most 100), ignoring case." })
  hasAny?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: "`true` matches objects without tags only; `false` matches those with tags only." })
  isEmpty?: boolean | null;
}

@InputType({ description: "Conditions on an ID." })
export class IdFilter {
  @Field(() => ID, { nullable: true, description: "Equal to this value." })
  eq?: string | null;

  @Field(() => ID, { nullable: true, description: "Not equal to this value." })
  ne?: string | null;

  @Field(() => [ID], { nullable: true, description: "Equal to one of these values (at most 100)." })
  in?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: isNullText })
  isNull?: boolean | null;
}

@InputType({ description: "Conditions on a number." })
export class NumberFilter {
  @Field(() => Float, { nullable: true, description: "Equal to this value." })
  eq?: number | null;

  @Field(() => Float, { nullable: true, description: "Not equal to this value." })
  ne?: number | null;

  @Field(() => [Float], { nullable: true, description: "Equal to one of these values (at most 100)." })
  in?: number[] | null;

  @Field(() => Float, { nullable: true, description: "Greater than this value." })
  gt?: number | null;

  @Field(() => Float, { nullable: true, description: "Greater than or equal to this value." })
  gte?: number | null;

  @Field(() => Float, { nullable: true, description: "Less than this value." })
  lt?: number | null;

  @Field(() => Float, { nullable: true, description: "Less than or equal to this value." })
  lte?: number | null;

  @Field(() => Boolean, { nullable: true, description: isNullText })
  isNull?: boolean | null;
}

@InputType({ description: "Conditions on a date-time." })
export class DateTimeFilter {
  @Field(() => DateTimeScalar, { nullable: true, description: "Later than this time." })
  gt?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "At or after this time." })
  gte?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Earlier than this time." })
  lt?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "At or before this time." })
  lte?: string | null;

  @Field(() => Boolean, { nullable: true, description: isNullText })
  isNull?: boolean | null;
}

@InputType({ description: "Conditions on a day, as `YYYY-MM-DD`." })
export class DateFilter {
  @Field(() => String, { nullable: true, description: "This day." })
  eq?: string | null;

  @Field(() => String, { nullable: true, description: "After this day." })
  gt?: string | null;

  @Field(() => String, { nullable: true, description: "On or after this day." })
  gte?: string | null;

  @Field(() => String, { nullable: true, description: "Before this day." })
  lt?: string | null;

  @Field(() => String, { nullable: true, description: "On or before this day." })
  lte?: string | null;

  @Field(() => Boolean, { nullable: true, description: isNullText })
  isNull?: boolean | null;
}

@InputType({ description: "Conditions on a Boolean." })
export class BooleanFilter {
  @Field(() => Boolean, { nullable: true, description: "Equal to this value." })
  eq?: boolean | null;
}

/** Class of an operator input. */
export type OperatorClass = new () => object;

const enumFilters = new Map<object, OperatorClass>();

/** Returns the operator input of an enum, `<name>Filter`. There is one per enum. */
export function enumFilterClass(name: string, values: object): OperatorClass {
  const known = enumFilters.get(values);
  if (known) return known;

  @InputType(`${name}Filter`, { description: `Conditions on a ${name}.` })
  class EnumFilter {
    @Field(() => values, { nullable: true, description: "Equal to this value." })
    eq?: string | null;

    @Field(() => values, { nullable: true, description: "Not equal to this value." })
    ne?: string | null;

    @Field(() => [values], { nullable: true, description: "Equal to one of these values." })
    in?: string[] | null;
  }
  enumFilters.set(values, EnumFilter);
  return EnumFilter;
}
