/** Returns the text with the characters of HTML replaced. */
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const shown = (value: unknown): string =>
  value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);

/** Rows of a person by table. */
export type PersonRows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** Returns the readable page of an export: a table for each table of the database. It loads nothing, and has no scripts. */
export function exportPage(title: string, rows: PersonRows): string {
  const sections = Object.entries(rows).map(([table, records]) => {
    const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
    const head = columns.map((column) => `<th scope="col">${escaped(column)}</th>`).join("");
    const body = records
      .map((record) => `<tr>${columns.map((column) => `<td>${escaped(shown(record[column]))}</td>`).join("")}</tr>`)
      .join("\n");
    return `<h2>${escaped(table)}</h2>\n<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<style>body{font:14px system-ui;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:4px 8px;text-align:left;vertical-align:top}</style>
</head><body><h1>${escaped(title)}</h1>
${sections.join("\n")}
</body></html>
`;
}
