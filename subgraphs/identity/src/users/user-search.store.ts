import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

const { users, userSearchTerms: terms } = identity;

/** Maximum length of a stored term. See `app.search_terms`. */
const maxTermLength = 40;

/**
 * Condition that a term starts with the word. Written as a range of strings, because string comparisons are leakproof, so the index can be used under
 * row-level security.
 */
function beginsWith(word: string): SQL {
  const from = sql`left(app.fold(${word}), ${sql.raw(String(maxTermLength))})`;
  return sql`${terms.term} >= ${from} and ${terms.term} < ${from} || chr(1114111)`;
}

/** Condition that the name, the email address or the user name contains the word. */
export const hasWord = (word: string): SQL =>
  sql`exists (select 1 from ${terms} where ${terms.tenantId} = ${users.tenantId} and ${terms.userId} = ${users.id} and ${beginsWith(word)})`;

/**
 * Condition that an index answers, and that is true for the users whose email address or user name is the text in any case. Under row-level security,
 * no index answers a comparison with `lower`, which is not leakproof. Undefined if the text has no word whose form is certain.
 */
export function nearLogin(text: string): SQL | undefined {
  // Other characters could be folded in another way than their case.
  if (!/^[\u0021-\u007e]+$/.test(text)) return undefined;
  const [local = ""] = text.toLowerCase().split("@");
  // The longest one is the rarest one in most cases.
  const word = local.split(/[^a-z0-9]+/).reduce((longest, one) => (one.length > longest.length ? one : longest), "");
  if (word === "") return undefined;
  return sql`${users.id} = any(array(select ${terms.userId} from ${terms} where ${terms.tenantId} = app.tenant() and ${terms.term} = ${word.slice(0, maxTermLength)}::text))`;
}

/**
 * Returns the IDs of users with the word, in the order of the list by name, regardless of visibility. Uses only the index: sorting the users would
 * read all matches, and scanning the list would read all users before the first match.
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
