import { z } from "zod";
import { type DefinedTrigger, defineTrigger, MAX_POLL_ITEMS } from "../connector.js";
import { ConnectorError } from "../errors.js";
import { query } from "./query.js";
import { type Configuration, type Credentials, parameterSchema } from "./schemas.js";
import { withDatabase } from "./session.js";

/** Without quotation marks and zero bytes, so that a name in quotation marks ends where it should. */
const columnSchema = z
  .string()
  .min(1)
  .max(63)
  .refine((name) => !/["\0]/.test(name), "A column has no quotation marks");

const inputSchema = z.object({
  sql: z.string().min(1).max(20_000).describe("One query, with $1, $2, … for the parameters. Its own order does not matter."),
  parameters: z.array(parameterSchema).max(100).optional().describe("Values of the parameters."),
  cursorColumn: columnSchema.describe(
    "Column whose values grow: each row that appears later has a greater one, or the same and a greater ID. Rows in which it is null are omitted.",
  ),
  idColumn: columnSchema.optional().describe("Column that identifies a row, never null; the cursor column by default."),
});
type Input = z.infer<typeof inputSchema>;

/** The cursor column and the ID of the last row, as texts, which keep the precision of numbers. */
const cursorSchema = z.object({ after: z.tuple([z.string(), z.string()]) });
type Cursor = z.infer<typeof cursorSchema>;

/** Rows of a query that were not there yet. Runs as the action `query` does. */
export const newRows: DefinedTrigger<Configuration, Credentials> = defineTrigger<Input, Cursor, Configuration, Credentials>({
  key: "newRows",
  description: "Notices new rows of a query, by a column whose values grow.",
  input: inputSchema,
  item: z.record(z.string(), z.unknown()).describe("The row by column. Values are JSON, as `to_json` of PostgreSQL writes them."),
  cursor: cursorSchema,
  start: async (context, input) => {
    const { rows } = await withDatabase(context, (client) =>
      query(client, { sql: selection(input, { order: "desc" }), parameters: [...(input.parameters ?? [])], maxRows: 1 }),
    );
    return rows[0] === undefined ? null : cursorOf(input, rows[0]);
  },
  poll: async (context, input, cursor) => {
    const parameters = [...(input.parameters ?? []), ...(cursor?.after ?? [])];
    const { rows, isTruncated } = await withDatabase(context, (client) =>
      query(client, {
        sql: selection(input, { order: "asc", withData: true, isAfterCursor: cursor !== null }),
        parameters,
        maxRows: MAX_POLL_ITEMS,
      }),
    );
    const last = rows.at(-1);
    if (last === undefined && isTruncated)
      throw new ConnectorError("PERMANENT", "The next row has more than 256 KiB. Select fewer columns, or parts of their values.");
    return {
      items: rows.map((row) => ({ id: cursorOf(input, row).after[1], data: row.data })),
      cursor: last === undefined ? cursor : cursorOf(input, last),
      hasMore: isTruncated,
    };
  },
});

/**
 * The query with only the rows that are wanted. The values of the cursor are parameters, which PostgreSQL reads as values of their columns' types. The ID
 * decides between rows with equal cursors, so that none is left out where a poll ends.
 */
function selection(
  { sql, parameters = [], cursorColumn, idColumn = cursorColumn }: Input,
  { order, withData = false, isAfterCursor = false }: { order: "asc" | "desc"; withData?: boolean; isAfterCursor?: boolean },
): string {
  const [cursor, id] = [`weft_source."${cursorColumn}"`, `weft_source."${idColumn}"`];
  const first = parameters.length + 1;
  return [
    `select to_json(${cursor}) #>> '{}' as cursor, to_json(${id}) #>> '{}' as id${withData ? ", to_json(weft_source.*) as data" : ""} from (`,
    // On lines of its own, because it can end with a comment.
    sql.trim().replace(/;$/, ""),
    `) weft_source where ${cursor} is not null`,
    isAfterCursor ? `and (${cursor}, ${id}) > ($${first}, $${first + 1})` : "",
    `order by ${cursor} ${order}, ${id} ${order}`,
  ].join("\n");
}

function cursorOf({ idColumn }: Input, { cursor, id }: Readonly<Record<string, unknown>>): Cursor {
  if (typeof cursor !== "string" || typeof id !== "string")
    throw new ConnectorError("PERMANENT", `The column ${JSON.stringify(idColumn ?? "")} of a row is null, so the row has no ID.`);
  return { after: [cursor, id] };
}
