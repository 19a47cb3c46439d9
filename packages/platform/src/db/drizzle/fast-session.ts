import { Column, type DriverValueDecoder, type Query, SQL, Subquery, is } from "drizzle-orm";
import type { PgDialect, PgPreparedQuery, PreparedQueryConfig } from "drizzle-orm/pg-core";
import { PostgresJsSession } from "drizzle-orm/postgres-js/session";
import type { Sql } from "@weft/pg-driver";
import type { Turns } from "../turns.js";

type Fields = NonNullable<Parameters<PostgresJsSession<DrizzleSql, Record<string, never>, Record<string, never>>["prepareQuery"]>[1]>;
/** How drizzle types the client of a session: as a pool of the published driver. */
export type DrizzleSql = ConstructorParameters<typeof PostgresJsSession>[0];
type Decode = (value: unknown) => unknown;
type Metadata = { type: "select" | "update" | "delete" | "insert"; tables: string[] };

/**
 * drizzle's session. It decides how to read a column once per statement: drizzle decides again for every column of every row, which took a third of
 * the time of reading a page.
 */
export class FastSession extends PostgresJsSession<DrizzleSql, Record<string, never>, Record<string, never>> {
  /** Whose turn it is to send statements. */
  readonly turns: Turns | undefined;

  constructor(client: Sql, dialect: PgDialect, turns?: Turns) {
    super(client as unknown as DrizzleSql, dialect, undefined);
    this.turns = turns;
  }

  override prepareQuery<T extends PreparedQueryConfig>(
    query: Query,
    fields: Fields | undefined,
    name: string | undefined,
    isArrayMode: boolean,
    mapper?: (rows: unknown[][]) => T["execute"],
    metadata?: Metadata,
  ): PgPreparedQuery<T> {
    return super.prepareQuery<T>(query, fields, name, isArrayMode, mapper ?? (fields && rowMapperOf(fields)), metadata);
  }
}

/** A column of the answer: its key in the object, and how to read its value, if that changes it. */
interface ReadColumn {
  readonly key: string;
  readonly decode: Decode | undefined;
}

/** Returns how to make objects of rows, or undefined for objects in objects, which joins give: there, drizzle also decides which of those are null. */
function rowMapperOf(fields: Fields): ((rows: unknown[][]) => Record<string, unknown>[]) | undefined {
  if (fields.some(({ path }) => path.length !== 1)) return undefined;
  const columns = fields.map(({ path, field }): ReadColumn => ({ key: path[0] ?? "", decode: decodeOf(field) }));
  return (rows) =>
    rows.map((row) => {
      const object: Record<string, unknown> = {};
      let index = 0;
      for (const { key, decode } of columns) {
        const value = row[index++];
        object[key] = value === null || decode === undefined ? value : decode(value);
      }
      return object;
    });
}

/** What reads the values of expressions. drizzle has it, but keeps it out of its types. */
interface Decoded {
  readonly decoder: DriverValueDecoder<unknown, unknown>;
}

function decodeOf(field: Fields[number]["field"]): Decode | undefined {
  if (is(field, Column)) return isUnchanged(field) ? undefined : (value) => field.mapFromDriverValue(value);
  const { decoder } = (is(field, SQL) ? field : is(field, Subquery) ? field._.sql : field.sql) as unknown as Decoded;
  return (value) => decoder.mapFromDriverValue(value);
}

/** Returns whether the driver's values of the column are what drizzle returns. */
const isUnchanged = (column: Column): boolean => Object.is(Reflect.get(column, read), Reflect.get(Column.prototype, read));
const read = "mapFromDriverValue";
