import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

/** A table of results, with one row per item that was queried and one column per way of querying. */
export interface AnsweredTable {
  readonly title: string;
  /** Names of the columns, starting with the column of row names. */
  readonly head: readonly string[];
  /** Cells by row name, without the name itself. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

/** Set by `pnpm expected`, which rewrites the expected results. Reviewers see the changes as a diff. */
export const isUpdate = process.env["WEFT_UPDATE_EXPECTED"] === "1";

/** File with the expected results. Markdown with one row per line, so that the documentation can show the same file. */
const expectedFile = (name: string): URL => new URL(`../expected/${name}.md`, import.meta.url);

/** Returns the tables of `testkit/expected/NAME.md`. Without the file there are none. */
export function expectedTables(name: string): AnsweredTable[] {
  const file = expectedFile(name);
  return existsSync(file) ? tablesIn(readFileSync(file, "utf8")) : [];
}

/**
 * Compares results with `testkit/expected/NAME.md`, cell by cell. `pnpm expected` writes the file instead. A row that is missing from the file fails
 * by name, so developers who add to the API must review the result for each role.
 */
export function expectTables(name: string, tables: readonly AnsweredTable[]): void {
  if (isUpdate) writeFileSync(expectedFile(name), markdownOf(tables));
  const expected = expectedTables(name);
  expect(
    differencesBetween(expected, tables),
    `what differs from testkit/expected/${name}.md; when it is meant: \`pnpm expected\`, and read the diff before you commit it`,
  ).toEqual([]);
}

/** Returns the results that differ from the expected ones, one per line. */
export function differencesBetween(expected: readonly AnsweredTable[], answered: readonly AnsweredTable[]): string[] {
  const titles = [...new Set([...expected, ...answered].map(({ title }) => title))];
  return titles.flatMap((title) => {
    const [before, now] = [expected, answered].map((tables) => tables.find((table) => table.title === title));
    if (now === undefined) return [`${title}: expected, and not there any more`];
    const columns = now.head.slice(1);
    const names = [...new Set([...Object.keys(before?.rows ?? {}), ...Object.keys(now.rows)])];
    return names.flatMap((row) => {
      const [was, is] = [before?.rows[row], now.rows[row]];
      if (was === undefined) return [`${title} ${row}: has no row; it was answered ${is?.join(", ")}`];
      if (is === undefined) return [`${title} ${row}: has a row, and is not there any more`];
      return columns.flatMap((column, index) => {
        const then = was[before?.head.slice(1).indexOf(column) ?? -1] ?? "(no such column)";
        return then === (is[index] ?? "") ? [] : [`${title} ${row}, ${column}: expected ${then}, but it is ${is[index]}`];
      });
    });
  });
}

function markdownOf(tables: readonly AnsweredTable[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return tables
    .map(({ title, head, rows }) =>
      [
        `### ${title}`,
        "",
        line(head),
        line(head.map(() => "---")),
        ...Object.entries(rows)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, cells]) => line([`\`${name}\``, ...cells])),
        "",
      ].join("\n"),
    )
    .join("\n");
}

function tablesIn(text: string): AnsweredTable[] {
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [title = "", ...lines] = part.split("\n");
      const cells = lines
        .filter((line) => line.startsWith("|"))
        .map((line) =>
          line
            .slice(2, -2)
            .split(" | ")
            .map((cell) => cell.trim()),
        );
      const [head = [], , ...rows] = cells;
      return { title, head, rows: Object.fromEntries(rows.map(([name = "", ...rest]) => [name.replaceAll("`", ""), rest])) };
    });
}
