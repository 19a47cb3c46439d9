import { column } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { SafeIntScalar } from "@weft/api/scalars";
import { Field, InputType, ObjectType } from "type-graphql";

@ObjectType({ description: "An amount of money." })
@Allow(inherit)
export class Money {
  @Field(() => SafeIntScalar, {
    description: "Amount in minor units of the currency: 1250 is 12.50 EUR, and 1250 JPY, which has no smaller unit.",
  })
  amount!: number;

  @Field(() => String, { description: "ISO 4217 code, for example `EUR`." })
  currency!: string;
}

@InputType({ description: "An amount of money." })
export class MoneyInput {
  @Field(() => SafeIntScalar, { description: "Amount in minor units of the currency, for example 1250 for 12.50 EUR. Not negative." })
  amount!: number;

  @Field(() => String, { description: "ISO 4217 code, for example `EUR`." })
  currency!: string;
}

/** Converts the columns of an amount to its API type. Null if there is no amount. */
export function toMoney(amount: number | null, currency: string | null): Money | null {
  return amount === null || currency === null ? null : Object.assign(new Money(), { amount, currency });
}

/** Declares a column with an amount of money: `budget: moneyColumn("Budget.")`. */
export const moneyColumn = <const Options extends column.ColumnOptions = object>(description: string, options?: Options) =>
  column.pair(
    () => Money,
    () => MoneyInput,
    description,
    options,
  );
