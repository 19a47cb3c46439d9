/** Returns the text with the characters of HTML replaced. */
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const shown = (value: unknown): string =>
  value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);

/** Parts of the readable page of an export: a table for each table of the database. It loads nothing, and has no scripts. */
export const page = {
  start: (title: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<style>body{font:14px system-ui;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:4px 8px;text-align:left;vertical-align:top}</style>
</head><body><h1>${escaped(title)}</h1>
`,
  startTable: (name: string, columns: readonly string[]): string => {
    const head = columns.map((column) => `<th scope="col">${escaped(column)}</th>`).join("");
    return `<h2>${escaped(name)}</h2>\n<table><thead><tr>${head}</tr></thead><tbody>\n`;
  },
  row: (columns: readonly string[], record: Readonly<Record<string, unknown>>): string =>
    `<tr>${columns.map((column) => `<td>${escaped(shown(record[column]))}</td>`).join("")}</tr>\n`,
  endTable: "</tbody></table>\n",
  end: "</body></html>\n",
} as const;
