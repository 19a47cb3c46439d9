import {
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from "graphql";
import type { Shape } from "./selection.js";
import type { Json } from "./source-bodies.js";

/** Scalars of the graph in JSON Schema. */
const scalars: Readonly<Record<string, Json>> = {
  ID: { type: "string" },
  String: { type: "string" },
  Int: { type: "integer" },
  SafeInt: { type: "integer" },
  Float: { type: "number" },
  Boolean: { type: "boolean" },
  DateTime: { type: "string", format: "date-time" },
  Date: { type: "string", format: "date" },
  // Any value.
  JSON: {},
};

/** Suffixes of the names of schemas, by what they show of a type. */
const suffixes = { all: "", item: "Item", reference: "Reference" } as const;

/** The schemas of a document, by name. Types with the same name and different contents get a number. */
export class Components {
  readonly #schemas = new Map<string, { readonly text: string; readonly schema: Json }>();

  get schemas(): Json {
    return Object.fromEntries([...this.#schemas].map(([name, { schema }]) => [name, schema]));
  }

  /** Registers a schema and returns a reference to it. */
  ref(name: string, schema: Json): Json {
    const text = JSON.stringify(schema);
    for (let number = 1; ; number++) {
      const numbered = number === 1 ? name : `${name}${number}`;
      const known = this.#schemas.get(numbered);
      if (known === undefined) this.#schemas.set(numbered, { text, schema });
      if (known === undefined || known.text === text) return { $ref: `#/components/schemas/${numbered}` };
    }
  }

  /** Returns the schema of what a body shows. @param type with its lists and nullability */
  output(shape: Shape, type: GraphQLOutputType): Json {
    return wrapped(type, () => this.#shown(shape));
  }

  /** Returns the schema of one object that a body shows. */
  object(shape: Shape): Json {
    return this.#shown(shape);
  }

  #shown(shape: Shape): Json {
    if (shape.kind === "leaf") return this.leaf(getNamedType(shape.type));
    if (shape.kind === "choice") return { oneOf: shape.shapes.map((one) => this.#named(one, true)) };
    return this.#named(shape, false);
  }

  #named(shape: Shape & { readonly kind: "object" }, isChosen: boolean): Json {
    const { type, shows, fields } = shape;
    const typename = isChosen ? { __typename: { type: "string", const: type.name } } : {};
    const ofInterface = !isChosen && type.astNode?.kind === "InterfaceTypeDefinition" ? { __typename: { type: "string" } } : {};
    const properties = {
      ...typename,
      ...ofInterface,
      ...Object.fromEntries(
        fields.map(({ field, shape: below }) => [field.name, described(this.output(below, field.type), field.description)]),
      ),
    };
    const name = `${type.name}${suffixes[shows]}${isChosen ? "Choice" : ""}`;
    return this.ref(name, {
      type: "object",
      ...(type.description && shows !== "reference" && { description: type.description }),
      properties,
      required: Object.keys(properties),
    });
  }

  /** Returns the schema of a value that a request sends. */
  input(type: GraphQLInputType): Json {
    return wrapped(type, () => this.#given(getNamedType(type)));
  }

  #given(type: GraphQLNamedType): Json {
    if (!isInputObjectType(type)) return this.leaf(type);
    const name = type.name;
    // A filter contains itself.
    if (this.#entered.has(name)) return { $ref: `#/components/schemas/${name}` };
    this.#entered.add(name);
    const fields = Object.values(type.getFields());
    const properties = Object.fromEntries(
      fields.map(({ name: field, type: of, description, defaultValue }) => [
        field,
        described(this.input(of), withDefault(description, defaultValue)),
      ]),
    );
    const required = fields.filter(isRequiredInputField).map((field) => field.name);
    return this.ref(name, {
      type: "object",
      ...(type.description && { description: type.description }),
      properties,
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    });
  }

  readonly #entered = new Set<string>();

  leaf(type: GraphQLNamedType): Json {
    if (!isEnumType(type)) return scalars[type.name] ?? { type: "string" };
    return this.ref(type.name, {
      type: "string",
      ...(type.description && { description: type.description }),
      enum: type.getValues().map(({ name }) => name),
    });
  }
}

/** Adds lists and null around the schema of the named type. */
function wrapped(type: GraphQLInputType | GraphQLOutputType, named: () => Json): Json {
  if (!isNonNullType(type)) return nullable(wrappedNonNull(type, named));
  return wrappedNonNull(getNullableType(type) as GraphQLInputType | GraphQLOutputType, named);
}

const wrappedNonNull = (type: GraphQLInputType | GraphQLOutputType, named: () => Json): Json =>
  isListType(type) ? { type: "array", items: wrapped(type.ofType as GraphQLInputType | GraphQLOutputType, named) } : named();

function nullable(schema: Json): Json {
  if (typeof schema["type"] === "string") return { ...schema, type: [schema["type"], "null"] };
  return Object.keys(schema).length === 0 ? schema : { anyOf: [schema, { type: "null" }] };
}

/** Adds a description. It can stand beside a reference (OpenAPI 3.1). */
export const described = (schema: Json, description: string | null | undefined): Json =>
  description ? { ...schema, description } : schema;

/**
 * Adds the default of a member of a body to its description. The keyword `default` would make the member a required one for generators of types, which
 * mean answers by it.
 */
export function withDefault(description: string | null | undefined, defaultValue: unknown): string | null | undefined {
  if (defaultValue === undefined || /\bdefault/i.test(description ?? "")) return description;
  return `${description ?? ""} Default: \`${JSON.stringify(defaultValue)}\`.`.trim();
}
