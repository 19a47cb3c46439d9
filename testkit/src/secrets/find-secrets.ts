import postgres from "postgres";

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

/** Returns the secrets that are stored readably, each with its table. Looks at every row of every table of the database. */
export async function secretsInTables(ownerUrl: string, secrets: ReadonlySet<string>): Promise<string[]> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    // PostgreSQL shows bytes as `\\x…`.
    const forms = new Set([...secrets, ...[...secrets].map((secret) => `x${Buffer.from(secret).toString("hex")}`)]);
    // A table without bytes has no rows. That is most of them, and a statement over all tables takes a third of a second to plan.
    const tables = await sql<{ name: string }[]>`
      select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
       where relid not in (select inhparent from pg_inherits) and pg_relation_size(relid) > 0`;
    const all = tables
      .map(({ name }) => `select '${name.replaceAll("'", "''")}' as name, t::text as row from ${name} t`)
      .join(" union all ");
    const secretsOf = finderOf(forms);
    const found: string[] = [];
    await sql.unsafe<{ name: string; row: string }[]>(all).cursor(5_000, (rows) => {
      for (const { name, row } of rows) for (const secret of secretsOf(row)) found.push(`${name}: ${secret}`);
    });
    return [...new Set(found)];
  } finally {
    await sql.end({ timeout: 5 });
  }
}
