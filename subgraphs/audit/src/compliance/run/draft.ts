import type { Cell, Chart, Figure, ReportContent, Table } from "./report-document.js";
import type { ReportReader } from "./reader.js";

/** Maximum number of rows of a table. */
export const maxRows = 50_000;

/** Rows of a table that was added. */
interface AddedTable {
  readonly rows: readonly (readonly Cell[])[];
  /** Whether these are all rows. */
  readonly isComplete: boolean;
}

interface UserNode {
  readonly id: string;
  readonly name: string;
}

/** A report that is being written, and what it is written from. */
export class ReportDraft implements ReportContent {
  readonly reader: ReportReader;
  readonly figures: Figure[] = [];
  readonly charts: Chart[] = [];
  readonly tables: Table[] = [];
  readonly notes: string[] = [];
  #names: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(reader: ReportReader) {
    this.reader = reader;
  }

  /**
   * Adds a table. Rows beyond the limit are left out, with a note. They are not read either, so a figure that is derived from the rows of a table that is
   * not complete must be null.
   */
  async addTable(table: Omit<Table, "rows">, rows: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>): Promise<AddedTable> {
    const kept: (readonly Cell[])[] = [];
    let isComplete = true;
    for await (const row of rows) {
      if (kept.length === maxRows) {
        isComplete = false;
        break;
      }
      kept.push(row);
    }
    if (!isComplete)
      this.notes.push(
        `The table "${table.title}" ends after ${maxRows} rows, and figures and charts of all its rows are missing. Use a shorter period or other parameters.`,
      );
    this.tables.push({ ...table, rows: kept });
    return { rows: kept, isComplete };
  }

  /** Returns the names of all users that the report's creator can see, by ID. */
  names(): Promise<ReadonlyMap<string, string>> {
    return (this.#names ??= this.#readNames());
  }

  async #readNames(): Promise<ReadonlyMap<string, string>> {
    const query = `query UserNames($first: Int, $after: String) {
      users(first: $first, after: $after) { edges { node { id name } } pageInfo { endCursor hasNextPage } }
    }`;
    const names = new Map<string, string>();
    for await (const { id, name } of this.reader.list<UserNode>({ subgraph: "identity", name: "UserNames", query }, "users"))
      names.set(id, name);
    return names;
  }
}

/** Returns how often each value occurs, most frequent first. */
export function countsOf(values: Iterable<string>): { readonly label: string; readonly value: number }[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([label, value]) => ({ label, value })).toSorted((a, b) => b.value - a.value || (a.label < b.label ? -1 : 1));
}
