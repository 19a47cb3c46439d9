import { identity } from "@weft/drizzle";
import { named } from "@weft/shared";
import type { KeysetSlice, Tx } from "@weft/shared";
import { and, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

const { users, userSearchTerms: terms } = identity;

/** As long as a term is kept, see `app.search_terms`. */
const maxTermLength = 40;

/** A term begins with the word. As a range of texts: comparing them is leak-proof, so the index answers it below row-level security. */
function beginsWith(word: string): SQL {
  const from = sql`left(app.fold(${word}), ${sql.raw(String(maxTermLength))})`;
  return sql`${terms.term} >= ${from} and ${terms.term} < ${from} || chr(1114111)`;
}

/** The user has the word in the name, the email or the user name. */
export const hasWord = (word: string): SQL =>
  sql`exists (select 1 from ${terms} where ${terms.tenantId} = ${users.tenantId} and ${terms.userId} = ${users.id} and ${beginsWith(word)})`;

/**
 * Ids of users who have the word, in the order of the list by name, whoever sees them. From the index alone: to sort the users themselves
 * would read every one who is called so, and to walk the list would read all who come before them.
 */
export async function selectUserIdsOfWord(
  tx: Tx,
  word: string,
  { where, orderBy, limit, offset }: KeysetSlice & { readonly offset: number },
): Promise<string[]> {
  const rows = await named(
    "selectUserIdsOfWord",
    tx
      .selectDistinct({ name: terms.name, userId: terms.userId })
      .from(terms)
      .where(and(beginsWith(word), where))
      .orderBy(...orderBy)
      .limit(limit)
      .offset(offset),
  );
  return rows.map(({ userId }) => userId);
}
