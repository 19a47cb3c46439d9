/** TypeScript types of workflow definitions, from their JSON Schema. */

type Schema = Readonly<Record<string, unknown>>;

export interface DefinitionSchema {
  readonly $defs: Schema;
}

/** What can be said in a type. Other keywords restrict values in ways that only the server checks. */
const unions = ["oneOf", "anyOf"] as const;
const known = new Set([
  "$ref",
  "const",
  "enum",
  "type",
  "properties",
  "required",
  "additionalProperties",
  "patternProperties",
  "items",
  "prefixItems",
  "oneOf",
  "anyOf",
  "allOf",
  "description",
  "default",
  "examples",
  "not",
  "if",
  "then",
  "pattern",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "minItems",
  "maxItems",
  "uniqueItems",
  "contains",
  "minProperties",
  "maxProperties",
  "propertyNames",
  "dependentRequired",
  "unevaluatedProperties",
]);

/** What references names of the definition itself, by the path in `$defs`: the compiler then finds those that do not exist. */
const references: Readonly<Record<string, string>> = {
  "lifecycle.initial": "NoInfer<StateName>",
  "transition.to": "NoInfer<StateName>",
  slaStates: "NoInfer<StateName> | readonly NoInfer<StateName>[]",
  "expectation.state": "NoInfer<StateName>",
  "step.id": "StepId",
  "step.depends_on": "NoInfer<StepId> | readonly NoInfer<StepId>[]",
};
/** Objects whose keys are those names. */
const named: Readonly<Record<string, string>> = { "lifecycle.states": "StateName" };
const parameters = ["StateName", "StepId"] as const;

/** Name of a property, in quotes where TypeScript needs them. */
const propertyName = (name: string): string => (/^[\w$]+$/.test(name) ? name : literal(name));
const literal = (value: unknown): string => JSON.stringify(value);
const typeName = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
const isObject = (value: unknown): value is Schema => typeof value === "object" && value !== null && !Array.isArray(value);
const union = (types: readonly string[]): string => [...new Set(types)].join(" | ");
const grouped = (type: string): string => (/[|&]/.test(type) ? `(${type})` : type);
const list = (value: unknown): readonly Schema[] => (Array.isArray(value) ? (value as Schema[]) : []);
const docs = (schema: unknown): string => {
  const text = isObject(schema) ? schema["description"] : undefined;
  return typeof text === "string" ? `/** ${text.replaceAll("*/", "*\\/")} */\n` : "";
};

/** Returns the type of a definition that needs no name, such as that of a key or a number. */
function simpleType(value: unknown): string | undefined {
  if (!isObject(value) || "enum" in value || "oneOf" in value || "anyOf" in value || "allOf" in value) return undefined;
  if ("const" in value) return literal(value["const"]);
  const name = value["type"];
  return name === undefined && !("properties" in value) ? "unknown" : name === "integer" ? "number" : name === "string" ? name : undefined;
}

/** Returns a module with a type for each definition of the schema. @throws Error if the schema has a keyword that is not known here */
export function definitionTypes(schema: DefinitionSchema): string {
  const { $defs } = schema;

  const valueOf = (pointer: string): unknown =>
    pointer
      .slice("#/".length)
      .split("/")
      .reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), schema);
  /** What a schema refers to. Undefined: it is no reference. */
  const targetOf = ({ $ref: pointer }: Schema): unknown => (typeof pointer === "string" ? valueOf(pointer) : undefined);
  const referenced = (pointer: string): string => {
    const name = pointer.slice("#/$defs/".length);
    if (name.includes("/")) return type(valueOf(pointer), name);
    return simpleType($defs[name]) ?? `${typeName(name)}<>`;
  };

  /** @param path of the value in `$defs`, without what is between keys of properties */
  function type(value: unknown, path: string): string {
    const reference = references[path];
    if (reference !== undefined) return reference;
    if (!isObject(value)) return "unknown";
    const strange = Object.keys(value).find((keyword) => !known.has(keyword));
    if (strange !== undefined) throw new Error(`${path}: the keyword ${strange} of JSON Schema has no type yet.`);
    if (typeof value["$ref"] === "string") return referenced(value["$ref"]);
    if ("const" in value) return literal(value["const"]);
    if (Array.isArray(value["enum"])) return union(value["enum"].map(literal));
    const allOf = list(value["allOf"]);
    if (allOf.some(isVariant)) return union(allOf.map(({ if: condition, then }) => variant([condition, then], path)));
    const parts = [
      objectType(value, path, allOf.some(isListOfVariants)),
      ...allOf.map((part) => type(part, path)),
      ...unions.map((keyword) => union(alternatives(list(value[keyword]), path))),
    ].filter((part) => part !== "" && part !== "unknown" && !part.split(" | ").includes("unknown"));
    return parts.length > 1 ? parts.map(grouped).join(" & ") : (parts[0] ?? "unknown");
  }

  /** Objects that are alternatives have none of the keys of the others: TypeScript allows those of all members of a union. */
  function alternatives(parts: readonly Schema[], path: string): string[] {
    const objects = parts.map((part) => {
      const target = targetOf(part);
      return isObject(target) && isObject(target["properties"]) ? target["properties"] : null;
    });
    const keys = objects.includes(null) ? [] : Object.keys(Object.assign({}, ...objects) as Schema);
    return parts.map((part, index) => {
      const never = keys.filter((key) => !(key in (objects[index] ?? {}))).map((key) => `readonly ${propertyName(key)}?: never;`);
      return never.length > 0 ? `(${type(part, path)} & { ${never.join(" ")} })` : type(part, path);
    });
  }

  /** `if: { type }, then: …`, one for each value of `type`. */
  const isVariant = ({ if: condition, then }: Schema): boolean => isObject(condition) && isObject(then);
  const isListOfVariants = (part: Schema): boolean => {
    const target = targetOf(part);
    return isObject(target) && list(target["allOf"]).some(isVariant);
  };
  const variant = (halves: readonly unknown[], path: string): string =>
    `{\n${halves.flatMap((half) => (isObject(half) ? members(half, path) : [])).join("")}}`;

  const members = ({ properties, required }: Schema, path: string, without: readonly string[] = []): string[] => {
    const needed = new Set(list(required).map(String));
    return Object.entries(isObject(properties) ? properties : {})
      .filter(([key]) => !without.includes(key))
      .map(
        ([key, value]) => `${docs(value)}readonly ${propertyName(key)}${needed.has(key) ? "" : "?"}: ${type(value, `${path}.${key}`)};\n`,
      );
  };

  /** @param hasVariants what they say of `type` and `with` is more than what the object says */
  function objectType(value: Schema, path: string, hasVariants: boolean): string {
    const { type: name, properties, additionalProperties, patternProperties } = value;
    if (Array.isArray(name)) return union(list(name).map((one) => type({ type: one }, path)));
    if (name === "integer" || name === "number") return "number";
    // A text with an expression. Otherwise every text would be one, and the compiler would find no wrong value.
    if (name === "string" && value["pattern"] === String.raw`\{\{`) return `\`\${string}{{\${string}\``;
    if (name === "string" || name === "boolean" || name === "null") return name;
    if (name === "array") {
      const tuple = list(value["prefixItems"]);
      if (tuple.length > 0) return `readonly [${tuple.map((item) => type(item, path)).join(", ")}]`;
      return `readonly ${grouped(type(value["items"], path))}[]`;
    }
    if (!isObject(properties)) {
      if (name !== "object") return "";
      return `Readonly<Record<${named[path] ?? "string"}, ${type(additionalProperties, path)}>>`;
    }
    const own = members(value, path, hasVariants ? ["type", "with"] : []);
    // What must be there can be described elsewhere, such as in `allOf`.
    const elsewhere = (name === "object" ? list(value["required"]) : []).map(String).filter((key) => !(key in properties));
    own.push(...elsewhere.map((key) => `readonly ${propertyName(key)}: unknown;\n`));
    const others = isObject(additionalProperties)
      ? [
          `readonly [name: string]: ${union([type(additionalProperties, path), ...Object.entries(properties).map(([key, of]) => type(of, `${path}.${key}`)), "undefined"])};\n`,
        ]
      : patternProperties
        ? [`readonly [extension: \`x-\${string}\`]: unknown;\n`]
        : [];
    return own.length + others.length > 0 && hasTypes(properties) ? `{\n${[...own, ...others].join("")}}` : "";
  }
  /** `{ candidates: true }` only belongs to a condition on what is there. */
  const hasTypes = (properties: Schema): boolean => Object.values(properties).some((value) => value !== true);

  const texts = new Map(Object.entries($defs).map(([name, value]) => [typeName(name), { value, text: type(value, name) }]));
  const used = usedFrom(texts, ["Lifecycle", "Automation"]);
  const parametersOf = parametersBy(texts);
  const withParameters = (text: string): string =>
    text.replaceAll(/(\w+)<>/g, (_, name: string) => {
      const own = parametersOf.get(name) ?? [];
      return own.length > 0 ? `${name}<${own.join(", ")}>` : name;
    });
  const types = [...used]
    .map((name) => {
      const { value, text } = texts.get(name) ?? { value: {}, text: "unknown" };
      const own = parametersOf.get(name) ?? [];
      const declared = own.length > 0 ? `<${own.map((parameter) => `${parameter} extends string = string`).join(", ")}>` : "";
      return `${docs(value)}export type ${name}${declared} = ${withParameters(text)};\n`;
    })
    .join("\n");
  return `// Generated by \`pnpm compose\` from the JSON Schema of definitions.\n/* oxlint-disable typescript/no-redundant-type-constituents */\n\n${indented(types)}`;
}

function indented(text: string): string {
  let depth = 0;
  const lines = text.split("\n").map((line) => {
    if (line.startsWith("}")) depth--;
    const shown = line === "" ? "" : `${"  ".repeat(depth)}${line}`;
    if (line.endsWith("{")) depth++;
    return shown;
  });
  return lines.join("\n");
}

type Texts = ReadonlyMap<string, { readonly text: string }>;

const namesIn = (text: string): string[] => [...text.matchAll(/(\w+)<>/g)].map(([, name = ""]) => name);

/** The types that these types need, in the order in which they appear. */
function usedFrom(texts: Texts, names: readonly string[], found = new Set<string>()): ReadonlySet<string> {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    usedFrom(texts, namesIn(texts.get(name)?.text ?? ""), found);
  }
  return found;
}

/** The parameters of each type: its own, and those of the types that it contains. */
function parametersBy(texts: Texts): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...texts.keys()].map((name) => {
      const all = [...usedFrom(texts, [name])].map((used) => texts.get(used)?.text ?? "").join("\n");
      return [name, parameters.filter((parameter) => new RegExp(`\\b${parameter}\\b`).test(all))];
    }),
  );
}
