/** Values of the placeholders in templates. */
export interface Names {
  /** `floorPlan` */
  readonly name: string;
  /** `FloorPlan` */
  readonly Name: string;
  /** `floorPlans` */
  readonly names: string;
  /** `FloorPlans` */
  readonly Names: string;
  /** `floor-plan` */
  readonly file: string;
  /** `floor-plans` */
  readonly folder: string;
  /** `floor_plans` */
  readonly table: string;
  /** The subgraph, which is also the name of its PostgreSQL schema. */
  readonly schema: string;
  /** ID prefix: `flp`. */
  readonly prefix: string;
  readonly PREFIX: string;
  /** `a floor plan` */
  readonly a_words: string;
  /** `A floor plan` */
  readonly A_words: string;
  readonly words: string;
  readonly wordsPlural: string;
  readonly Words_plural: string;
}

interface Options {
  readonly subgraph: string;
  readonly prefix?: string | undefined;
  readonly plural?: string | undefined;
}

const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
const separated = (name: string, separator: string): string => name.replaceAll(/[A-Z]/g, (letter) => `${separator}${letter.toLowerCase()}`);

/**
 * Returns the forms of a name.
 * @throws if the name or prefix is not valid, with advice
 */
export function namesOf(name: string, { subgraph, prefix, plural }: Options): Names {
  if (!/^[a-z][A-Za-z]{1,40}$/.test(name))
    throw new Error(`"${name}" is not a valid name. Use the singular in camelCase, for example floor or floorPlan.`);
  const names = plural ?? pluralOf(name);
  const letters =
    prefix ??
    name
      .toLowerCase()
      .replaceAll(/(?!^)[aeiou]/g, "")
      .slice(0, 3)
      .padEnd(3, "x");
  if (!/^[a-z]{3}$/.test(letters)) throw new Error(`"${letters}" is not a valid ID prefix. Pass three lower-case letters with --prefix.`);
  const words = separated(name, " ");
  const aWords = `${/^[aeio]/.test(words) ? "an" : "a"} ${words}`;
  const wordsPlural = separated(names, " ");
  return {
    name,
    Name: capitalized(name),
    names,
    Names: capitalized(names),
    file: separated(name, "-"),
    folder: separated(names, "-"),
    table: separated(names, "_"),
    schema: subgraph,
    prefix: letters,
    PREFIX: letters.toUpperCase(),
    a_words: aWords,
    A_words: capitalized(aWords),
    words,
    wordsPlural,
    Words_plural: capitalized(wordsPlural),
  };
}

function pluralOf(name: string): string {
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}

/**
 * Returns a template with its placeholders filled in.
 * @throws if a placeholder is unknown
 */
export function filled(template: string, names: Names): string {
  const values = new Map<string, string>(Object.entries(names));
  return template.replaceAll(/\{\{(\w+)\}\}/g, (placeholder, key: string) => {
    const value = values.get(key);
    if (value === undefined) throw new Error(`The template has an unknown placeholder ${placeholder}.`);
    return value;
  });
}
