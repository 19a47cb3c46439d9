/** Description of an attribute, in the form in which `/Schemas` shows it (RFC 7643, section 7). */
export interface Attribute {
  readonly name: string;
  readonly type: "string" | "boolean" | "complex" | "reference" | "dateTime";
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: "readWrite" | "readOnly" | "immutable";
  readonly returned: "default" | "always" | "request";
  readonly uniqueness: "none" | "server";
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
}

/** The schema of a kind of resource. */
export interface Schema {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

type Options = Partial<Omit<Attribute, "name" | "description">>;

/** Describes an attribute; the defaults are those of RFC 7643, section 2.2. */
export const attribute = (name: string, description: string, options: Options = {}): Attribute => ({
  name,
  type: "string",
  multiValued: false,
  description,
  required: false,
  caseExact: false,
  mutability: "readWrite",
  returned: "default",
  uniqueness: "none",
  ...options,
});

/** Returns the attribute with a name, ignoring case. */
export const findAttribute = (attributes: readonly Attribute[], name: string): Attribute | undefined => {
  const wanted = name.toLowerCase();
  return attributes.find((one) => one.name.toLowerCase() === wanted);
};

/** Attributes that every resource has, and no client sets. */
const common: readonly Attribute[] = [
  attribute("id", "ID in Weft.", { caseExact: true, mutability: "readOnly", returned: "always", uniqueness: "server" }),
  attribute("schemas", "Schemas of the resource.", { multiValued: true, caseExact: true, mutability: "readOnly", returned: "always" }),
  attribute("meta", "Kind, version, and times of the resource.", { type: "complex", mutability: "readOnly" }),
];

/** Returns the attributes of a resource, including those that every resource has. */
export const attributesOf = ({ attributes }: Schema): readonly Attribute[] => [...common, ...attributes];
