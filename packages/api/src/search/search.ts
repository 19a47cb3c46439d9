import type { AccessColumns } from "@weft/platform/rights";
import { and, or, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import type { IdType } from "@weft/shared/ids";
import { denialsOf, type Permission, scopesOf, type Viewer } from "@weft/shared/viewer";
import { worksOn } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";

/** A text by which an object is found. */
export interface SearchableText {
  readonly objectType: IdType;
  /** UUID of the object that is found. */
  readonly objectId: string;
  /** UUID of what contains the text: the object itself, or one of its comments. */
  readonly sourceId: string;
  /** PUBLIC: users who can see the object. INTERNAL: users of the organization who work on it. */
  readonly audience: "PUBLIC" | "INTERNAL";
  /** UUID of the only vendor whose users find a public text. Null for every vendor that sees the object. */
  readonly vendorId: string | null;
  /** Replaces the earlier text of the source. An empty text removes it. */
  readonly text: string;
}

/** Makes an object findable by a text, from the commit on. Call it in the transaction that writes the text. */
export async function indexText(tx: Tx, { objectType, objectId, sourceId, audience, vendorId, text }: SearchableText): Promise<void> {
  await tx.execute(
    named(
      "indexText",
      sql`call app.index_text(app.tenant(), ${objectType}::text, ${objectId}::uuid, ${sourceId}::uuid, ${audience}::text, ${vendorId}::uuid, ${text}::text)`,
    ),
  );
}

/** Objects of a type that a list searches. */
export interface Searched {
  readonly objectType: IdType;
  readonly id: AnyColumn;
  /** Permission and columns that decide who works on an object. */
  readonly permission: Permission;
  readonly columns: AccessColumns;
}

/**
 * Returns the condition that an object contains every word, or another form of it. Combine it with the visibility predicate. Each word can occur in
 * another text of the object, but only in texts that the viewer can read.
 */
export const containsWords = (searched: Searched, words: readonly string[], { viewer, languages }: SearchContext): SQL =>
  and(...words.map((word) => containsWord(searched, viewer, occurrenceOf(word, languages)))) ?? sql`true`;

/** Who searches. */
export interface SearchContext {
  readonly viewer: Viewer;
  /** From `searchLanguages`. Without any, only words that begin with the searched ones are found. */
  readonly languages: readonly string[];
}

/** Returns the languages (ISO 639-1) in whose grammar the transaction's user searches: the user's and the tenant's. */
export async function searchLanguages(tx: Tx): Promise<readonly string[]> {
  const rows = await tx.execute<{ languages: string[] }>(named("searchLanguages", sql`select app.search_languages() as languages`));
  return rows[0]?.languages ?? [];
}

function occurrenceOf(word: string, languages: readonly string[]): SQL {
  const given = sql`${word}::text, ${sql.param([...languages])}::text[]`;
  return sql`(${beginsWith(sql`app.search_prefix(${given})`)} or ${beginsWith(sql`app.search_stem(${given})`)})`;
}

function containsWord({ objectType, id, permission, columns }: Searched, viewer: Viewer, occurrence: SQL): SQL {
  const occurs = sql`s.tenant_id = app.tenant() and s.object_type = ${objectType} and ${occurrence}`;
  const found = (audience: SQL | undefined): SQL =>
    sql`${id} in (select s.object_id from app.search_words s where ${and(occurs, audience)})`;
  const isPublic = sql`s.audience = 'PUBLIC'`;
  const scopes = scopesOf(viewer, permission);
  // Row-level security leaves a vendor's users only what is public.
  if (viewer.vendorId !== null || scopes.every((scope) => scope === "OWN")) return found(isPublic);
  if (scopes.includes("TENANT") && denialsOf(viewer, permission).length === 0) return found(undefined);
  return sql`exists (select from app.search_words s where ${and(occurs, sql`s.object_id = ${id}`, or(isPublic, worksOn(viewer, permission, columns)))})`;
}

/** A range of strings, because their comparisons are leakproof, so that the index can be used under row-level security. */
const beginsWith = (prefix: SQL): SQL => sql`(s.word >= ${prefix} and s.word < ${prefix} || chr(1114111))`;
