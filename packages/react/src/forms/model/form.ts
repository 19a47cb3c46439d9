/** A form of Weft as data: which fields it has, and of which types. `docs/reference/forms.md` describes what the server sends. */

/** A form as the API sends it. */
export interface FormDescription {
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly schema: unknown;
  readonly uiSchema: unknown;
  /** Initial values. */
  readonly data: unknown;
}

/** What to select of a form. */
export const formFields = "name title description schema uiSchema data";

export type JsonSchema = Readonly<Record<string, unknown>>;
export type Path = readonly (string | number)[];
export type Answers = Readonly<Record<string, unknown>>;

export type FieldType =
  | "text"
  | "number"
  | "money"
  | "date"
  | "boolean"
  | "choice"
  | "multiChoice"
  | "user"
  | "asset"
  | "building"
  | "file"
  | "table"
  /** A value that has no control: the schema allows several types. */
  | "other";

const fieldTypes: ReadonlySet<string> = new Set<FieldType>([
  "text",
  "number",
  "money",
  "date",
  "boolean",
  "choice",
  "multiChoice",
  "user",
  "asset",
  "building",
  "file",
  "table",
]);

export interface Option {
  readonly value: unknown;
  readonly label: string;
}

export interface FormField {
  /** Path of the value in the answers. Within a table: in a row. */
  readonly path: readonly string[];
  readonly name: string;
  readonly label: string;
  readonly help: string | null;
  readonly type: FieldType;
  readonly schema: JsonSchema;
  /** Whether the answer is a list of users, assets or files. */
  readonly isMany: boolean;
  /** Choices of `choice` and `multiChoice`. */
  readonly options: readonly Option[];
  /** Fields of a row, of `table`. */
  readonly columns: readonly FormField[];
  /** Of `money`. With several, the answer is `{ amount, currency }`. */
  readonly currencies: readonly string[];
  /** Of `money`. */
  readonly decimals: number | null;
  /** Of `number`: a step that the schema does not contain. */
  readonly step: number | null;
  /** Of `text`. */
  readonly isMultiline: boolean;
  /** Of `date`. */
  readonly hasTime: boolean;
  /** Content types that a `file` can have. Empty: all. */
  readonly accept: readonly string[];
  readonly maxBytes: number | null;
  /** Whether the field is shown, decided by a schema of all answers. Null: always. */
  readonly shownIf: JsonSchema | null;
  /** Of columns: the others are decided by the schema of the form. */
  readonly isRequired: boolean;
}

export interface FormModel {
  readonly title: string | null;
  readonly description: string | null;
  readonly schema: JsonSchema;
  readonly fields: readonly FormField[];
  readonly initial: Answers;
}

export const objectOf = (value: unknown): JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {};
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Reads a form as the API sends it. */
export function readForm({ title, description, schema, uiSchema, data }: FormDescription): FormModel {
  const root = objectOf(schema);
  const elements = listOf(objectOf(uiSchema)["elements"]);
  const controls = elements.map(objectOf).filter(({ type }) => type === "Control");
  return {
    title,
    description,
    schema: root,
    initial: objectOf(data),
    fields: controls.map((control) => {
      const path = pathOfScope(String(control["scope"]));
      const { effect, condition } = objectOf(control["rule"]);
      return {
        ...readField(path, schemaAt(root, path), objectOf(control["options"]), textOf(control["label"])),
        shownIf: effect === "SHOW" ? objectOf(objectOf(condition)["schema"]) : null,
      };
    }),
  };
}

/** The property names of a scope of JSON Forms: `#/properties/data/properties/a` → `data`, `a`. */
function pathOfScope(scope: string): readonly string[] {
  const parts = scope
    .replace(/^#\//, "")
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return parts.filter((_, index) => index % 2 === 1);
}

/** The schema of a property below nested objects. */
export function schemaAt(root: JsonSchema, path: readonly string[]): JsonSchema {
  let schema = root;
  for (const name of path) schema = objectOf(objectOf(schema["properties"])[name]);
  return schema;
}

function readField(path: readonly string[], schema: JsonSchema, hints: JsonSchema, label: string | null): FormField {
  const name = path.at(-1) ?? "";
  const type = typeOf(schema, hints["fieldType"]);
  const items = objectOf(schema["items"]);
  const currency = textOf(hints["currency"]);
  const columnHints = objectOf(hints["columns"]);
  const required = new Set(listOf(items["required"]));
  return {
    path,
    name,
    label: label ?? textOf(schema["title"]) ?? name,
    help: textOf(schema["description"]),
    type,
    schema,
    isMany: isListOf(schema) && (type === "user" || type === "asset" || type === "building" || type === "file"),
    options: type === "choice" ? optionsOf(schema) : type === "multiChoice" ? optionsOf(items) : [],
    columns:
      type !== "table"
        ? []
        : Object.entries(objectOf(items["properties"])).map(([column, one]) => ({
            ...readField([column], objectOf(one), objectOf(columnHints[column]), null),
            isRequired: required.has(column),
          })),
    currencies: currency === null ? listOf(hints["currencies"]).map(String) : [currency],
    decimals: numberOf(hints["decimals"]),
    step: numberOf(hints["step"]),
    isMultiline: hints["multi"] === true,
    hasTime: schema["format"] === "date-time",
    accept: listOf(hints["accept"]).map(String),
    maxBytes: numberOf(hints["maxBytes"]),
    shownIf: null,
    isRequired: false,
  };
}

const isListOf = ({ type }: JsonSchema): boolean => type === "array" || listOf(type).includes("array");

/** The server says the type. Without it, as in a schema of its own, the type follows from the schema. */
function typeOf(schema: JsonSchema, hint: unknown): FieldType {
  if (typeof hint === "string" && fieldTypes.has(hint)) return hint as FieldType;
  const types = [schema["type"]].flat().filter((type) => type !== "null");
  if (schema["enum"] || schema["oneOf"]) return "choice";
  if (types.length !== 1) return "other";
  switch (types[0]) {
    case "boolean":
      return "boolean";
    case "number":
    case "integer":
      return "number";
    case "string":
      return schema["format"] === "date" || schema["format"] === "date-time" ? "date" : "text";
    case "array": {
      const items = objectOf(schema["items"]);
      if (items["enum"] || items["oneOf"]) return "multiChoice";
      return items["type"] === "object" && items["properties"] ? "table" : "other";
    }
    default:
      return "other";
  }
}

function optionsOf({ oneOf, enum: values }: JsonSchema): Option[] {
  const titled = listOf(oneOf).map(objectOf);
  if (titled.length > 0) return titled.map(({ const: value, title }) => ({ value, label: textOf(title) ?? String(value) }));
  return listOf(values)
    .filter((value) => value !== null)
    .map((value) => ({ value, label: typeof value === "string" ? value : JSON.stringify(value) }));
}
