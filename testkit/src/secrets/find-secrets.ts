import postgres from "postgres";

/** Characters of tokens and keys. A secret that contains others, such as a passphrase, is looked for as a whole. */
const word = /[\w.-]{12,}/g;
const isWord = (secret: string): boolean => /^[\w.-]+$/.test(secret);

/** Returns the secrets that occur in a text. */
export function secretsIn(text: string, secrets: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  for (const secret of secrets) if (!isWord(secret) && text.includes(secret)) found.add(secret);
  for (const [token] of text.matchAll(word)) if (secrets.has(token)) found.add(token);
  return [...found];
}

/** Returns the secrets that are stored readably, each with its table. Looks at every row of every table of the database. */
export async function secretsInTables(ownerUrl: string, secrets: ReadonlySet<string>): Promise<string[]> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    // PostgreSQL shows bytes as `\\x…`.
    const forms = new Set([...secrets, ...[...secrets].map((secret) => `x${Buffer.from(secret).toString("hex")}`)]);
    const tables = await sql<{ name: string }[]>`
      select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables where relid not in (select inhparent from pg_inherits)`;
    const all = tables
      .map(({ name }) => `select '${name.replaceAll("'", "''")}' as name, t::text as row from ${name} t`)
      .join(" union all ");
    const found: string[] = [];
    await sql.unsafe<{ name: string; row: string }[]>(all).cursor(5_000, (rows) => {
      for (const { name, row } of rows) for (const secret of secretsIn(row, forms)) found.push(`${name}: ${secret}`);
    });
    return [...new Set(found)];
  } finally {
    await sql.end({ timeout: 5 });
  }
}
