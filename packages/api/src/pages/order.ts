import "reflect-metadata";
import type { AnyColumn } from "drizzle-orm";
import { Field, InputType, registerEnumType } from "type-graphql";

export type Direction = "ASC" | "DESC";

export const OrderDirection = { ASC: "ASC", DESC: "DESC" } as const;
registerEnumType(OrderDirection, {
  name: "OrderDirection",
  description: "Sort direction.",
  valuesConfig: { ASC: { description: "Smallest or oldest first." }, DESC: { description: "Largest or newest first." } },
});

/** A column to order by. It must be NOT NULL, and `valueOf` must return exactly the value that the database compares (text for times). */
export interface OrderColumn<Row> {
  readonly column: AnyColumn;
  readonly valueOf: (row: Row) => string;
  /** Second column of the order, before the ID: the next column of the index, so that a page needs no sorting. It has the same direction. */
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
  /** Name of a custom field, for the order `FIELD`. */
  name?: string | null;
  direction: Direction;
}

export interface OrderBy<Row, Name extends string> {
  /** Input type `{ field, direction }`, for `@Arg("orderBy", () => RequestOrder.Input, { nullable: true })`. */
  readonly Input: new () => OrderByValue;
  /** Returns the client's choice, or the default. */
  resolve(chosen: OrderByValue | null | undefined, otherwise: readonly [Name, Direction]): Order<Row>;
}

interface OrderOptions {
  /** Adds the order `FIELD`, which lists handle with `fieldPage` or `pageByField`. */
  readonly customFields?: true;
}

/** The order by a custom field. */
export const customFieldOrder = "FIELD";

/**
 * Declares the order of a list: the enum `<name>Field` with the columns, and the input `<name>`. Example: `orderByInput("RequestOrder", { CREATED_AT:
 * { column: requests.createdAt, valueOf: (row: Row) => row.createdAt } })`
 */
export function orderByInput<Row, Name extends string>(
  name: string,
  columns: Readonly<Record<Name, OrderColumn<Row>>>,
  { customFields }: OrderOptions = {},
): OrderBy<Row, Name> {
  const names = [...Object.keys(columns), ...(customFields ? [customFieldOrder] : [])];
  const fields = Object.fromEntries(names.map((field) => [field, field]));
  const described = Object.entries<OrderColumn<Row>>(columns).flatMap(([field, { description }]) =>
    description ? [[field, { description }]] : [],
  );
  if (customFields) described.push([customFieldOrder, { description: "A custom field with `index: true`. Specify its `name`." }]);
  registerEnumType(fields, {
    name: `${name}Field`,
    description: "Fields that a list can be ordered by.",
    valuesConfig: Object.fromEntries(described) as object,
  });

  @InputType(name, { description: "Order of a list." })
  class OrderByType implements OrderByValue {
    @Field(() => fields, { description: "Field to order by." })
    field!: string;

    @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC, description: "Sort direction." })
    direction!: Direction;
  }
  if (customFields)
    Field(() => String, {
      nullable: true,
      description:
        "Name of the custom field. Required for `FIELD`, and not allowed otherwise. Objects without a value come last in ascending order.",
    })(OrderByType.prototype, "name");

  return {
    Input: OrderByType,
    resolve: (chosen, otherwise) => {
      const [field, direction] = chosen ? [chosen.field as Name, chosen.direction] : otherwise;
      return { ...columns[field], name: field, direction };
    },
  };
}
