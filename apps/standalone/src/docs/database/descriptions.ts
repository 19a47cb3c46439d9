import { existsSync, globSync, readFileSync } from "node:fs";

const drizzle = new URL("../../../../../drizzle/", import.meta.url);
const schemaName = /(\w+) = pgSchema\("(\w+)"\)/g;
const comment = String.raw`\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*`;

/** Descriptions of tables (`schema.table`) and columns (`schema.table.column`): their docstrings in `drizzle/src/tables`. */
export function tableDescriptions(): Map<string, string> {
  const sources = globSync("src/tables/*.ts", { cwd: drizzle }).map((path) => readFileSync(new URL(path, drizzle), "utf8"));
  const schemas = new Map(
    sources.flatMap((source) => [...source.matchAll(schemaName)].map(([, name = "", schema = ""]) => [name, schema])),
  );
  const found = new Map<string, string>();
  for (const source of sources) {
    // Each part begins with a table or a view and contains its columns. The docstring is at the end of the part before.
    const parts = source.split(/^(?=export const \w+ = \w+\s*\.(?:table|view)\()/m);
    for (const [index, part] of parts.entries()) {
      const [, schema = "", name = ""] = /^export const \w+ = (\w+)\.table\(\s*"(\w+)"/.exec(part) ?? [];
      if (name === "") continue;
      const table = `${schemas.get(schema)}.${name}`;
      const above = new RegExp(`${comment}$`).exec(parts[index - 1] ?? "");
      if (above?.[1] !== undefined) found.set(table, onOneLine(above[1]));
      for (const [, text = "", property = "", column = camelToSnake(property)] of part.matchAll(
        new RegExp(String.raw`${comment}(\w+): \w+(?:<[^>]*>)?\((?:"(\w+)")?`, "g"),
      ))
        found.set(`${table}.${column}`, onOneLine(text));
    }
  }
  return found;
}

/** The first sentence of the comment at the beginning of a function's file; undefined if there is no file. */
export function routineDescription(schema: string, name: string): string | undefined {
  const file = new URL(`functions/${schema}/${name}.sql`, drizzle);
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, "utf8").split("\n");
  const above = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith("--")),
  );
  // Such lines tell `migrate` which other functions a file requires or replaces.
  const text = above.filter((line) => !/^-- (?:requires|replaces):/.test(line)).map((line) => line.slice(2));
  const [sentence] = /^.*?\.(?= |$)/.exec(onOneLine(text.join(" "))) ?? [];
  // What follows a colon can be the structure of an argument.
  return sentence?.replace(/: .*\{.*/, ".");
}

const onOneLine = (text: string): string =>
  text
    .replaceAll(/\s*\n\s*\*?\s*/g, " ")
    .replaceAll(/ +/g, " ")
    .trim();
const camelToSnake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
