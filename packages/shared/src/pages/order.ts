import type { AnyColumn } from "drizzle-orm";
import { Field, InputType, registerEnumType } from "type-graphql";

export type Direction = "ASC" | "DESC";

export const OrderDirection = { ASC: "ASC", DESC: "DESC" } as const;
registerEnumType(OrderDirection, {
  name: "OrderDirection",
  description: "Which way a list runs.",
  valuesConfig: { ASC: { description: "Smallest or oldest first." }, DESC: { description: "Largest or newest first." } },
});

/** A column to order by. It is NOT NULL, and `valueOf` gives exactly what the database would compare (text for times). */
export interface OrderColumn<Row> {
  readonly column: AnyColumn;
  readonly valueOf: (row: Row) => string;
  /** Between rows that are equal in it, and before the id: what the column's index goes on with, so that a page needs no sorting. Runs the same way. */
  readonly thenBy?: Pick<OrderColumn<Row>, "column" | "valueOf">;
  readonly description?: string;
}

/** A chosen order. */
export interface Order<Row> extends OrderColumn<Row> {
  readonly name: string;
  readonly direction: Direction;
}

export interface OrderByValue {
  field: string;
  direction: Direction;
}

export interface OrderBy<Row, Name extends string> {
  /** `{ field, direction }`, for `@Arg("orderBy", () => RequestOrder.Input, { nullable: true })`. */
  readonly Input: new () => OrderByValue;
  /** The client's choice, or the default. */
  resolve(chosen: OrderByValue | null | undefined, otherwise: readonly [Name, Direction]): Order<Row>;
}

/**
 * Declares the order of a list: the enum `<name>Field` of the columns and the input `<name>`.
 * `orderByInput("RequestOrder", { CREATED_AT: { column: requests.createdAt, valueOf: (row: Row) => row.createdAt } })`
 */
export function orderByInput<Row, Name extends string>(
  name: string,
  columns: Readonly<Record<Name, OrderColumn<Row>>>,
): OrderBy<Row, Name> {
  const fields = Object.fromEntries(Object.keys(columns).map((field) => [field, field]));
  const described = Object.entries<OrderColumn<Row>>(columns).flatMap(([field, { description }]) =>
    description ? [[field, { description }]] : [],
  );
  registerEnumType(fields, {
    name: `${name}Field`,
    description: "What a list can be ordered by.",
    valuesConfig: Object.fromEntries(described) as object,
  });

  @InputType(name, { description: "The order of a list." })
  class OrderByType implements OrderByValue {
    @Field(() => fields, { description: "What to order by." })
    field!: string;

    @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC, description: "Which way." })
    direction!: Direction;
  }

  return {
    Input: OrderByType,
    resolve: (chosen, otherwise) => {
      const [field, direction] = chosen ? [chosen.field as Name, chosen.direction] : otherwise;
      return { ...columns[field], name: field, direction };
    },
  };
}
