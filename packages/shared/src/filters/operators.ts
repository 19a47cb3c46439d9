import { Field, Float, ID, InputType } from "type-graphql";
import { DateTimeScalar } from "../scalars/date-time.js";

const isNullText = "true: only what has no value here; false: only what has one.";

@InputType({ description: "Conditions on a text. Several are joined by and." })
export class StringFilter {
  @Field(() => String, { nullable: true, description: "Is exactly this." })
  eq?: string | null;

  @Field(() => String, { nullable: true, description: "Is not this." })
  ne?: string | null;

  @Field(() => [String], { nullable: true, description: "Is one of these, at most 100." })
  in?: string[] | null;

  @Field(() => String, { nullable: true, description: "Contains this, in upper or lower case." })
  contains?: string | null;

  @Field(() => Boolean, { nullable: true, description: isNullText })
  isNull?: boolean | null;
}

@InputType({ description: "A search by words." })
export class SearchFilter {
  @Field(() => String, {
    nullable: true,
    description: "Contains every word of this, in any order, in upper or lower case. Words end at spaces and signs; at most 8.",
  })
  contains?: string | null;
}

@InputType({ description: "Conditions on an id." })
export class IdFilter {
  @Field(() => ID, { nullable: true, description: "Is exactly this." })
  eq?: string | null;

  @Field(() => ID, { nullable: true, description: "Is not this." })
  ne?: string | null;

  @Field(() => [ID], { nullable: true, description: "Is one of these, at most 100." })
  in?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: isNullText })
  isNull?: boolean | null;
}

@InputType({ description: "Conditions on a number." })
export class NumberFilter {
  @Field(() => Float, { nullable: true, description: "Is exactly this." })
  eq?: number | null;

  @Field(() => Float, { nullable: true, description: "Is not this." })
  ne?: number | null;

  @Field(() => [Float], { nullable: true, description: "Is one of these, at most 100." })
  in?: number[] | null;

  @Field(() => Float, { nullable: true, description: "Is greater." })
  gt?: number | null;

  @Field(() => Float, { nullable: true, description: "Is greater or equal." })
  gte?: number | null;

  @Field(() => Float, { nullable: true, description: "Is less." })
  lt?: number | null;

  @Field(() => Float, { nullable: true, description: "Is less or equal." })
  lte?: number | null;

  @Field(() => Boolean, { nullable: true, description: isNullText })
  isNull?: boolean | null;
}

@InputType({ description: "Conditions on a point in time." })
export class DateTimeFilter {
  @Field(() => DateTimeScalar, { nullable: true, description: "Is later." })
  gt?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Is at this time or later." })
  gte?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Is earlier." })
  lt?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Is at this time or earlier." })
  lte?: string | null;

  @Field(() => Boolean, { nullable: true, description: isNullText })
  isNull?: boolean | null;
}

@InputType({ description: "Conditions on yes or no." })
export class BooleanFilter {
  @Field(() => Boolean, { nullable: true, description: "Is this." })
  eq?: boolean | null;
}

/** An operator input, as a class. */
export type OperatorClass = new () => object;

const enumFilters = new Map<object, OperatorClass>();

/** The operator input of an enum, `<name>Filter`; one per enum. */
export function enumFilterClass(name: string, values: object): OperatorClass {
  const known = enumFilters.get(values);
  if (known) return known;

  @InputType(`${name}Filter`, { description: `Conditions on a ${name}.` })
  class EnumFilter {
    @Field(() => values, { nullable: true, description: "Is exactly this." })
    eq?: string | null;

    @Field(() => values, { nullable: true, description: "Is not this." })
    ne?: string | null;

    @Field(() => [values], { nullable: true, description: "Is one of these." })
    in?: string[] | null;
  }
  enumFilters.set(values, EnumFilter);
  return EnumFilter;
}
