import {
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from "graphql";

/** What a field of a REST body shows. */
export type Shape =
  | { readonly kind: "leaf"; readonly type: GraphQLOutputType }
  /** `shows`: a reference is only what identifies an object that has an address of its own; an item of a list lacks long fields. */
  | {
      readonly kind: "object";
      readonly type: GraphQLNamedType;
      readonly shows: "all" | "item" | "reference";
      readonly fields: readonly ShownField[];
    }
  /** One of several types, which `__typename` names. */
  | { readonly kind: "choice"; readonly type: GraphQLNamedType; readonly shapes: readonly (Shape & { readonly kind: "object" })[] };

export interface ShownField {
  readonly field: GraphQLField<unknown, unknown>;
  readonly shape: Shape;
}

interface Place {
  readonly isItem?: boolean;
  /** Types of the objects around this one. */
  readonly ancestors?: readonly string[];
}

type Composite = GraphQLObjectType | GraphQLInterfaceType;

/** Fields that name an object for people, in the order in which a reference shows them. */
const labels = ["key", "code", "number", "slug", "tag", "name", "title"] as const;
/** How deep values are shown in values. */
const deepest = 3;

/**
 * Fields that bodies leave out. Some are only for the user themselves or for administrators, so that most callers would get nothing but refusals; others
 * are long, or are computed for each object and meant for one screen.
 */
const omitted: ReadonlySet<string> = new Set([
  "User.sessions",
  "User.identities",
  "User.permissionOverrides",
  "User.effectivePermissions",
  "User.lastLoginAddress",
  "User.lastLoginAt",
  "User.invitation",
  "User.isBreakGlass",
  "RequestType.versions",
  "RequestType.slaPolicies",
  "Vendor.registrationLink",
  // Different in each answer.
  "Tenant.now",
  "Definition.diagram",
  "WorkflowInstance.diagram",
]);
/** The same for lists: reading the object itself shows them. */
const omittedInLists: ReadonlySet<string> = new Set([
  "Definition.source",
  "Definition.document",
  "Definition.forms",
  "WorkflowInstance.history",
  "WorkflowInstance.availableTransitions",
  "Task.availableTransitions",
  "Task.form",
  "Vendor.missingDocuments",
  "WebhookDelivery.requestBody",
  "WebhookDelivery.attempts",
]);

/** Decides what the body of a REST response contains, from the types of the graph. */
export class Selections {
  readonly #addressed: ReadonlySet<string>;

  constructor(schema: GraphQLSchema) {
    this.#addressed = addressedTypes(schema);
  }

  /**
   * Returns the shape of an object in full: all its leaves and values. Of other objects that can be read by their ID it shows a reference, and no
   * pages of lists, because both have addresses of their own.
   * @param isItem whether the object is one of a list
   */
  whole(type: GraphQLNamedType, { isItem = false, ancestors = [] }: Place = {}): Shape {
    if (!isObjectType(type)) return this.#reference(type);
    const place = { isItem, ancestors: [...ancestors, type.name] };
    const fields = Object.values(type.getFields()).flatMap((field) => this.#shown(type, field, place));
    const isShort = isItem && Object.keys(type.getFields()).some((name) => omittedInLists.has(`${type.name}.${name}`));
    return { kind: "object", type, shows: isShort ? "item" : "all", fields };
  }

  #shown(parent: GraphQLNamedType, field: GraphQLField<unknown, unknown>, place: Required<Place>): ShownField[] {
    const { isItem, ancestors } = place;
    const name = `${parent.name}.${field.name}`;
    if (omitted.has(name) || (isItem && omittedInLists.has(name))) return [];
    if ((field.deprecationReason ?? null) !== null || field.args.some(isRequiredArgument)) return [];
    const type = getNamedType(field.type);
    if (isLeafType(type)) return [{ field, shape: { kind: "leaf", type: field.type } }];
    if (isPage(type)) return [];
    const isValue = isObjectType(type) && !this.#addressed.has(type.name);
    if (isValue && (ancestors.length >= deepest || ancestors.includes(type.name))) return [];
    const shape = isValue ? this.whole(type, place) : this.#reference(type);
    return shape.kind === "object" && shape.fields.length === 0 ? [] : [{ field, shape }];
  }

  #reference(type: GraphQLNamedType): Shape {
    if (isUnionType(type)) {
      const shapes = type.getTypes().flatMap((one) => {
        const shape = this.#reference(one);
        return shape.kind === "object" ? [shape] : [];
      });
      return { kind: "choice", type, shapes };
    }
    if (!isObjectType(type) && !isInterfaceType(type)) return { kind: "leaf", type: type as GraphQLOutputType };
    return { kind: "object", type, shows: "reference", fields: referenceFields(type) };
  }
}

/** Returns the text of a selection, without the braces. */
export function textOf(shape: Shape): string {
  if (shape.kind === "leaf") return "";
  if (shape.kind === "choice") return `__typename ${shape.shapes.map((one) => `... on ${one.type.name} { ${textOf(one)} }`).join(" ")}`;
  const typename = isInterfaceType(shape.type) ? "__typename " : "";
  return (
    typename +
    shape.fields.map(({ field, shape: below }) => (below.kind === "leaf" ? field.name : `${field.name} { ${textOf(below)} }`)).join(" ")
  );
}

function referenceFields(type: Composite): ShownField[] {
  const fields = type.getFields();
  return ["id", ...labels].flatMap((name) => {
    const field = fields[name];
    if (field === undefined || field.args.length > 0 || !isLeafType(getNullableType(field.type))) return [];
    return [{ field, shape: { kind: "leaf" as const, type: field.type } }];
  });
}

/** Types of objects that can be read by their ID. */
function addressedTypes(schema: GraphQLSchema): ReadonlySet<string> {
  const queries = Object.values(schema.getQueryType()?.getFields() ?? {});
  const read = queries.flatMap(({ args, type }) => (args.some(({ name }) => name === "id") ? [getNamedType(type).name] : []));
  const node = schema.getType("Node");
  const nodes = isInterfaceType(node) ? schema.getPossibleTypes(node).map(({ name }) => name) : [];
  return new Set([...read, ...nodes]);
}

/** Whether a type is a page of a list. */
export const isPage = (type: GraphQLNamedType): type is GraphQLObjectType =>
  isObjectType(type) && type.getFields()["pageInfo"] !== undefined && type.getFields()["edges"] !== undefined;

/** Returns the type of the objects on a page. */
export function itemOf(page: GraphQLObjectType): GraphQLNamedType {
  const edge = page.getFields()["edges"];
  const node = edge && (getNamedType(edge.type) as GraphQLObjectType).getFields()["node"];
  if (node === undefined) throw new Error(`${page.name} has no edges with nodes.`);
  return getNamedType(node.type);
}

/** Whether a value of the type is a list. */
export const isListOutput = (type: GraphQLOutputType): boolean => isListType(getNullableType(type));
