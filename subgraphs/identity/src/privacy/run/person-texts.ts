import { asTenant, type Databases, showDeleted, type Tx } from "@weft/platform/db";
import { countRowsOfPerson, findRowsOfPerson, MAX_ROWS_OF_PERSON, type PageOfPerson, tablesOfPeople } from "@weft/platform/erasure";
import type { PersonKeyring } from "@weft/platform/privacy";
import { countEntriesAbout, entryColumns, findEntriesAbout } from "./audit-of-person.store.js";
import { page } from "./export-page.js";
import { type StoredText, type StorePart, TextParts } from "./text-parts.js";

/** Rows that are read at a time. */
const PAGE = 500;

/** Rows of a person: those of a table that a column relates to the person, or entries of the audit trail. */
interface Source {
  readonly table: string;
  readonly person: string;
  readonly columns: readonly string[];
  /** At most one more than `MAX_ROWS_OF_PERSON`. */
  readonly count: (tx: Tx) => Promise<number>;
  readonly read: (tx: Tx, after: string | null, limit: number) => Promise<PageOfPerson>;
}

interface CountedSource extends Source {
  readonly rows: number;
}

export interface Subject {
  readonly tenantId: string;
  readonly personId: string;
}

interface Parts {
  readonly databases: Pick<Databases, "app">;
  readonly keyring: PersonKeyring;
}

export interface Writing {
  readonly storePart: StorePart;
  /** Called before each page is read. If it throws, the export ends. */
  readonly onPage: () => Promise<void>;
}

/** What a tenant has about a person, as JSON and as a page to read. */
export interface PersonTexts {
  readonly json: StoredText;
  readonly html: StoredText;
}

/** Writes all rows about a person, and all that the person has written. A page of rows is read at a time, each in a transaction of its own. */
export async function writePersonTexts(parts: Parts, subject: Subject, { storePart, onPage }: Writing): Promise<PersonTexts> {
  const read = async <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => {
    await onPage();
    return asTenant(parts.databases.app, { tenantId: subject.tenantId }, "read", async (tx) => {
      // What is deleted, but still stored, is about the person, too.
      await showDeleted(tx);
      return fn(tx);
    });
  };
  const sources: CountedSource[] = [];
  for (const source of sourcesOf(parts, subject)) {
    const rows = await read(source.count);
    if (rows > 0) sources.push({ ...source, rows });
  }
  const texts = new BothTexts(storePart);
  await texts.start();
  // First, so that nobody takes the archive for complete.
  const cut = sources
    .filter(({ rows }) => rows > MAX_ROWS_OF_PERSON)
    .map(({ table, person }) => ({ table, person, rows: MAX_ROWS_OF_PERSON }));
  if (cut.length > 0) await texts.write("tables with more rows", ["table", "person", "rows"], cut);
  for (const source of sources) for await (const rows of pagesOf(source, read)) await texts.write(source.table, source.columns, rows);
  return texts.end();
}

function sourcesOf({ keyring }: Parts, { tenantId, personId }: Subject): readonly Source[] {
  // Its values are ciphertexts, which are opened.
  const entries = { table: "audit.entries", person: "entity_id, actor_id", columns: entryColumns };
  return [
    ...tablesOfPeople
      .filter(({ table }) => table !== entries.table)
      .map((each) => ({
        ...each,
        count: (tx: Tx) => countRowsOfPerson(tx, each, personId),
        read: (tx: Tx, after: string | null, limit: number) => findRowsOfPerson(tx, each, { personId, after, limit }),
      })),
    {
      ...entries,
      count: (tx) => countEntriesAbout(tx, personId, MAX_ROWS_OF_PERSON + 1),
      read: (tx, after, limit) => findEntriesAbout(tx, keyring, { tenantId, personId, after, limit }),
    },
  ];
}

async function* pagesOf(
  source: Source,
  read: <T>(fn: (tx: Tx) => Promise<T>) => Promise<T>,
): AsyncGenerator<readonly Record<string, unknown>[]> {
  let last: PageOfPerson = { rows: [], after: null };
  for (let left = MAX_ROWS_OF_PERSON; left > 0; left -= last.rows.length) {
    const [after, limit] = [last.after, Math.min(PAGE, left)];
    last = await read((tx) => source.read(tx, after, limit));
    if (last.rows.length > 0) yield last.rows;
    if (last.rows.length < limit) return;
  }
}

/** The two texts with the same rows. */
class BothTexts {
  readonly #json: TextParts;
  readonly #html: TextParts;
  /** The table whose rows were written last. */
  #table: string | undefined;

  constructor(storePart: StorePart) {
    this.#json = new TextParts(storePart);
    this.#html = new TextParts(storePart);
  }

  async start(): Promise<void> {
    await this.#json.write("{");
    await this.#html.write(page.start("Personal data"));
  }

  /** Adds rows to those of the same table, if these were the last ones. Otherwise, begins its list. */
  async write(table: string, columns: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    const isNew = this.#table !== table;
    if (isNew) {
      await this.#endTable();
      await this.#json.write(`${this.#table === undefined ? "" : ","}\n  ${JSON.stringify(table)}: [`);
      await this.#html.write(page.startTable(table, columns));
      this.#table = table;
    }
    for (const [at, row] of rows.entries()) {
      const text = JSON.stringify(row, null, 2).replaceAll("\n", "\n    ");
      await this.#json.write(`${isNew && at === 0 ? "" : ","}\n    ${text}`);
      await this.#html.write(page.row(columns, row));
    }
  }

  async end(): Promise<PersonTexts> {
    await this.#endTable();
    await this.#json.write("\n}\n");
    await this.#html.write(page.end);
    return { json: this.#json.end(), html: this.#html.end() };
  }

  async #endTable(): Promise<void> {
    if (this.#table === undefined) return;
    await this.#json.write("\n  ]");
    await this.#html.write(page.endTable);
  }
}
