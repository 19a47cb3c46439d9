import { postgres } from "@weft/pg-driver";

/** Characters of tokens and keys. A secret that contains others, such as a passphrase, is looked for as a whole. */
const word = /[\w.-]{12,}/g;
const isWord = (secret: string): boolean => /^[\w.-]+$/.test(secret);

/** Returns the secrets that occur in a text. */
export const secretsIn = (text: string, secrets: ReadonlySet<string>): string[] => finderOf(secrets)(text);

/** Returns `secretsIn` for many texts. The secrets are sorted out once: a file can have thousands of them, and its database tens of thousands of rows. */
function finderOf(secrets: ReadonlySet<string>): (text: string) => string[] {
  const phrases = [...secrets].filter((secret) => !isWord(secret));
  return (text) => [
    ...new Set([
      ...phrases.filter((phrase) => text.includes(phrase)),
      ...Array.from(text.matchAll(word), ([token]) => token).filter((token) => secrets.has(token)),
    ]),
  ];
}

/** The tables that have rows. A table without bytes has none. That is most of them, and a statement over all tables takes a third of a second to plan. */
const tablesWithRows = (sql: postgres.Sql) => sql<{ name: string }[]>`
  select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
   where relid not in (select inhparent from pg_inherits) and pg_relation_size(relid) > 0`;

/** The secrets, and the form in which PostgreSQL shows them as bytes: `\\x…`. */
const formsOf = (secrets: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...secrets, ...[...secrets].map((secret) => `x${Buffer.from(secret).toString("hex")}`)]);

/** Returns the secrets that are stored readably, each with its table. Looks at every row of every table of the database. */
export async function secretsInTables(ownerUrl: string, secrets: ReadonlySet<string>): Promise<string[]> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const all = (await tablesWithRows(sql))
      .map(({ name }) => `select '${name.replaceAll("'", "''")}' as name, t::text as row from ${name} t`)
      .join(" union all ");
    const secretsOf = finderOf(formsOf(secrets));
    const found: string[] = [];
    await sql.unsafe<{ name: string; row: string }[]>(all).cursor(5_000, (rows) => {
      for (const { name, row } of rows) for (const secret of secretsOf(row)) found.push(`${name}: ${secret}`);
    });
    return [...new Set(found)];
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/**
 * Returns the same for the rows that were written by a transaction or later ones. The statements are prepared, so that a connection that is kept plans
 * them once.
 *
 * @param since ID of the transaction
 */
export async function secretsWrittenSince(sql: postgres.Sql, since: string, secrets: ReadonlySet<string>): Promise<string[]> {
  const secretsOf = finderOf(formsOf(secrets));
  const foundIn = async (name: string): Promise<string[]> => {
    const query = `select t::text as row from ${name} t where age(t.xmin) <= age($1::xid)`;
    const rows = await sql.unsafe<{ row: string }[]>(query, [since], { prepare: true });
    return rows.flatMap(({ row }) => secretsOf(row)).map((secret) => `${name}: ${secret}`);
  };
  const found = await Promise.all((await tablesWithRows(sql)).map(({ name }) => foundIn(name)));
  return [...new Set(found.flat())];
}
