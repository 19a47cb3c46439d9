import type { Client, QueryArrayConfig, QueryArrayResult } from "pg";
import { MAX_RESULT_BYTES } from "../connector.js";
import type { QueryInput, QueryOutput } from "./schemas.js";

/** The server ends the query then. Less than the time of a call, so that its answer still arrives. */
const STATEMENT_TIMEOUT_MS = 10_000;
const FIRST_ROWS = 10;

/**
 * Runs one query in a read-only transaction. As the query of a cursor, its text can only be a SELECT or VALUES that changes nothing, and the server sends
 * no more rows than are wanted. The server converts the rows to JSON. With the extended protocol the server accepts one statement at a time, so the text
 * cannot end the transaction.
 */
export async function query(client: Client, { sql, parameters = [], maxRows = 100 }: QueryInput): Promise<QueryOutput> {
  await execute(client, "begin transaction read only");
  await limitTime(client);
  // If the transaction were left by a commit, the session would be read-only, too. The rollback undoes it, so a pooled session does not keep it.
  await execute(client, "set default_transaction_read_only = on");
  // On lines of its own, because it can end with a comment.
  const selected = sql.trim().replace(/;$/, "");
  await execute(
    client,
    `declare weft_rows no scroll cursor for select to_json(weft_row)::text from (\n${selected}\n) weft_row`,
    parameters,
  );
  const texts = await fetchTexts(client, maxRows + 1);
  // Ends the transaction, and everything that the query has set for it.
  await execute(client, "rollback");
  let bytes = 0;
  const kept = texts.slice(0, maxRows).filter((text) => (bytes += Buffer.byteLength(text)) <= MAX_RESULT_BYTES);
  return { rows: kept.map((text) => JSON.parse(text) as Record<string, unknown>), isTruncated: kept.length < texts.length };
}

const limitTime = (client: Client) => execute(client, `set local statement_timeout = ${STATEMENT_TIMEOUT_MS}`);

type OneStatement = QueryArrayConfig & { readonly queryMode: "extended" };

/** Runs one statement. Without `queryMode`, pg uses the simple protocol for texts without parameters, in which a text can be several statements. */
async function execute(client: Client, text: string, parameters: readonly unknown[] = []): Promise<[string][]> {
  const statement: OneStatement = { text, values: [...parameters], rowMode: "array", queryMode: "extended" };
  const { rows }: QueryArrayResult<[string]> = await client.query<[string]>(statement);
  return rows;
}

/** Fetches rows until there are enough, or too many bytes. The number of rows per fetch follows their size. */
async function fetchTexts(client: Client, wanted: number): Promise<string[]> {
  const texts: string[] = [];
  let bytes = 0;
  let count = FIRST_ROWS;
  while (texts.length < wanted && bytes <= MAX_RESULT_BYTES) {
    const asked = Math.min(count, wanted - texts.length);
    // The query itself can have changed it.
    await limitTime(client);
    const rows = await execute(client, `fetch ${asked} from weft_rows`);
    for (const [text] of rows) {
      texts.push(text);
      bytes += Buffer.byteLength(text);
    }
    if (rows.length < asked) break;
    count = Math.max(FIRST_ROWS, Math.floor((MAX_RESULT_BYTES - bytes) / Math.max(bytes / texts.length, 1)));
  }
  return texts;
}
