import type { SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Context } from "../context/context.js";
import type { Order } from "../pages/order.js";
import type { SelectedFields } from "../subgraph/selected-fields.js";
import { partialRows } from "./partial-rows.js";

type Name<T> = keyof T & string;

/** What can be selected: a column, or an expression with a name. */
type Selected = PgColumn | SQL.Aliased;

/** Where the value of a field comes from: the columns that it reads, and how it is made of them. */
interface FieldSource<Row, Value> {
  readonly reads: readonly Name<Row>[];
  readonly value: (row: Row) => Value;
}

interface Sources<Row> {
  /** The value of a column. */
  readonly column: <Column extends Name<Row>>(name: Column) => FieldSource<Row, Row[Column]>;
  /** A value made of several columns, or in another form. `value` gets no other columns than those listed. */
  readonly from: <Column extends Name<Row>, Value>(
    reads: readonly Column[],
    value: (row: Pick<Row, Column>) => Value,
  ) => FieldSource<Row, Value>;
}

/** Returns the functions that declare the fields of `rowNodes`. */
export function sourcesOf<Row>(): Sources<Row> {
  return {
    column: (name) => ({ reads: [name], value: (row) => row[name] }),
    from: (reads, value) => ({ reads, value }),
  };
}

/** Properties that every object has. The optional ones belong to fields with resolvers. */
type RequiredKey<Node> = { [F in keyof Node]-?: object extends Pick<Node, F> ? never : F }[keyof Node];

interface RowNodesOptions<Row, Node, RowKey extends Name<Node>> {
  /** Name of the object type in GraphQL. */
  readonly type: string;
  /** Property of the objects with their row, for field resolvers. */
  readonly rowKey: RowKey;
  readonly columns: Readonly<Record<Name<Row>, Selected>>;
  /** Columns that are always read: the ID, those by which loaders assign rows, and those that are read whatever is selected. */
  readonly always: readonly Name<Row>[];
  /** Source of each field without a resolver. */
  readonly fields: { readonly [F in Exclude<RequiredKey<Node>, RowKey>]: FieldSource<Row, Node[F]> };
  /** Columns that the resolvers of the other fields read. An operation that selects a field that is not listed reads all columns. */
  readonly resolvers: Readonly<Record<string, readonly Name<Row>[]>>;
}

/** How the rows of an operation are read. */
export interface Reading<Row> {
  /** For drizzle's `select`. Its rows have no useful type until they went through `rows`. */
  readonly columns: Readonly<Record<string, Selected>>;
  /** Returns the rows that were read. The use of a column that was not read throws, so that it cannot be taken for null. */
  readonly rows: (found: readonly object[]) => Row[];
}

/** The objects of an API type, and the columns that an operation needs of them. */
export interface RowNodes<Row, Node> {
  /** Creates the object of a row. The values of its fields are computed when they are read. */
  readonly toNode: (row: Row) => Node;
  /** Returns how to read the rows of the operation: all columns that its selection of the type needs, wherever it selects from the type. */
  readonly reading: (ctx: Pick<Context, "selected">, needs?: ListNeeds<Row>) => Reading<Row>;
}

/** What a list reads of its rows in addition. */
interface ListNeeds<Row> {
  /** Its order, for the cursors. */
  readonly order?: Order<Row>;
  /** Columns by which the list assigns the rows, such as the ID of a parent. */
  readonly also?: readonly Name<Row>[];
}

/**
 * Maximum number of sets of columns that a process reads of a type. Each makes statements of its own, which every connection keeps. With unbounded
 * sets, clients could fill the memory of the database. Operations with other sets read all columns, which is slower.
 */
const maxReadings = 100;

/**
 * Declares the objects of a type, each of which is a row. Lists then read only the columns that an operation selects: reading and converting all
 * columns took most of the time of a list.
 */
export function rowNodes<Row extends object, Node extends object, RowKey extends Name<Node>>(
  options: RowNodesOptions<Row, Node, RowKey>,
): RowNodes<Row, Node> {
  const { type, columns } = options;
  const names = Object.keys(columns) as Name<Row>[];
  const complete: Reading<Row> = { columns, rows: (found) => found as Row[] };
  const bySelection = new WeakMap<SelectedFields, Map<string, Reading<Row>>>();
  const byColumns = new Map<string, Reading<Row>>();

  function readingOf(needed: ReadonlySet<Name<Row>> | null): Reading<Row> {
    // In the order of the table, so that different selections of the same columns share their statements.
    const read = needed === null ? names : names.filter((name) => needed.has(name));
    if (read.length === names.length) return complete;
    const key = read.join(" ");
    const known = byColumns.get(key);
    if (known) return known;
    if (byColumns.size >= maxReadings) return complete;
    const made: Reading<Row> = {
      columns: Object.fromEntries(read.map((name) => [name, columns[name]])),
      rows: partialRows<Row>(type, names, read),
    };
    byColumns.set(key, made);
    return made;
  }

  return {
    toNode: nodeMaker(options),
    reading: ({ selected }, needs = {}) => {
      if (selected === undefined) return complete;
      const known = bySelection.get(selected) ?? new Map<string, Reading<Row>>();
      bySelection.set(selected, known);
      const key = [needs.order?.name ?? "", ...(needs.also ?? [])].join(" ");
      const reading = known.get(key) ?? readingOf(neededColumns(options, selected.get(type) ?? new Set(), needs));
      known.set(key, reading);
      return reading;
    },
  };
}

/** Returns the columns that the selected fields and the list need, or null for all. */
function neededColumns<Row, Node, RowKey extends Name<Node>>(
  { columns, always, fields, resolvers }: RowNodesOptions<Row, Node, RowKey>,
  selected: ReadonlySet<string>,
  { order, also = [] }: ListNeeds<Row>,
): ReadonlySet<Name<Row>> | null {
  const sources = fields as Readonly<Record<string, FieldSource<Row, unknown>>>;
  const ofFields = [...selected].map((field) => sources[field]?.reads ?? (Object.hasOwn(resolvers, field) ? resolvers[field] : undefined));
  const ordered = order ? [order.column, ...(order.thenBy ? [order.thenBy.column] : [])] : [];
  const ofOrder = ordered.map((column) => (Object.keys(columns) as Name<Row>[]).filter((name) => columns[name] === column));
  if (ofFields.includes(undefined) || ofOrder.some((found) => found.length === 0)) return null;
  return new Set([...always, ...also, ...ofFields.flatMap((reads) => reads ?? []), ...ofOrder.flat()]);
}

/** Objects are instances of a class whose getters compute the fields. */
function nodeMaker<Row extends object, Node extends object, RowKey extends Name<Node>>({
  rowKey,
  fields,
}: RowNodesOptions<Row, Node, RowKey>): (row: Row) => Node {
  class RowNode {
    constructor(row: Row) {
      (this as unknown as Record<string, Row>)[rowKey] = row;
    }
  }
  for (const [field, { value }] of Object.entries<FieldSource<Row, unknown>>(fields))
    Object.defineProperty(RowNode.prototype, field, {
      enumerable: true,
      get(this: Record<string, Row>) {
        return value(this[rowKey] as Row);
      },
    });
  return (row) => new RowNode(row) as unknown as Node;
}
