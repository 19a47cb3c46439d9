import { entityIdTypes, type IdType } from "@weft/shared";
import {
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from "graphql";
import type { TestUser } from "../../test-user.js";
import { isExternal } from "../api-schema.js";
import { askedOnce, type ReadPath } from "./read-path.js";

type Field = GraphQLField<unknown, unknown>;

/** Returns the types of objects that have their own ID and can be looked up by it. */
export function nodeTypesOf(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  const node = schema.getType("Node");
  if (!isInterfaceType(node)) throw new Error("There is no interface Node.");
  return schema.getPossibleTypes(node);
}

/** Returns a read path for each field that leads from an object to other objects. Most of them belong to other subgraphs. */
export function referenceReadPaths(schema: GraphQLSchema): ReadPath[] {
  return nodeTypesOf(schema).flatMap((parent) =>
    Object.values(parent.getFields()).flatMap((field) => {
      const reached = reachedBy(schema, field);
      return reached.size === 0 ? [] : [wayFrom(schema, parent, field, [...reached])];
    }),
  );
}

/**
 * Fields that require more than access to the objects that they lead to, with the requirement. Objects that they do not show are not reported as
 * missing.
 */
const asksForMore: Readonly<Record<string, string>> = {
  "Team.leads": "team.read, which whoever is in a team need not have",
  "Team.members": "team.read, which whoever is in a team need not have",
  "User.permissionOverrides": "role.read in scope TENANT, but for oneself",
  "User.roles": "which roles others have, the database hides from people of a vendor",
  "User.teams": "which teams others are in, the database hides from people of a vendor",
};

function wayFrom(schema: GraphQLSchema, parent: GraphQLObjectType, field: Field, types: readonly IdType[]): ReadPath {
  const parentType = entityIdTypes[parent.name] as IdType;
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ${parent.name} { id __typename ${selectionFor(schema, field)} } } }`;
  const read = async (user: TestUser, ids: readonly string[]): Promise<Map<string, unknown>> => {
    const found = new Map<string, unknown>();
    for (let start = 0; start < ids.length; start += 100) {
      const { data } = await user.send(query, { ids: ids.slice(start, start + 100) });
      for (const node of ((data as { nodes?: readonly (Record<string, unknown> | null)[] } | null)?.nodes ?? []).values())
        if (node) found.set(String(node["id"]), node[field.name]);
    }
    return found;
  };
  // The administrator's answer is the same for every user that it is compared with.
  const readAsAdmin = askedOnce((admin: TestUser, { ids }) => read(admin, ids.get(parentType) ?? []));
  return {
    name: `${parent.name}.${field.name}`,
    types,
    fields: [`${parent.name}.${field.name}`],
    seen: async (user, looked) => {
      const visible = await looked.visible(user);
      const parents = (looked.ids.get(parentType) ?? []).filter((id) => visible.has(id));
      const [mine, all] = [await read(user, parents), await readAsAdmin(looked.fixture.admin, looked)];
      const among = parents.flatMap((id) => nodesIn(all.get(id)));
      const seen = parents.flatMap((id) => nodesIn(mine.get(id)));
      return { ids: seen, among: `${parent.name}.${field.name}` in asksForMore ? seen : among };
    },
  };
}

/** Returns the types of objects that a field leads to, through lists, pages and values without an ID. */
function reachedBy(schema: GraphQLSchema, field: Field, depth = 3): Set<IdType> {
  if (isExternal(field) || field.args.some(isRequiredArgument)) return new Set();
  return new Set(
    objectTypesOf(schema, getNamedType(field.type)).flatMap((type) => {
      const id = entityIdTypes[type.name];
      if (id !== undefined && isLookedUp(schema, type)) return [id];
      return depth === 0 ? [] : Object.values(type.getFields()).flatMap((each) => [...reachedBy(schema, each, depth - 1)]);
    }),
  );
}

const objectTypesOf = (schema: GraphQLSchema, type: GraphQLNamedType): readonly GraphQLObjectType[] =>
  isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];

const isLookedUp = (schema: GraphQLSchema, type: GraphQLObjectType): boolean => nodeTypesOf(schema).includes(type);

function selectionFor(schema: GraphQLSchema, field: Field): string {
  const size = field.args.some(({ name }) => name === "first") ? "(first: 100)" : "";
  const types = objectTypesOf(schema, getNamedType(field.type));
  const parts = types.map((type) => {
    const inner = isLookedUp(schema, type)
      ? // The referencing subgraph could answer the ID without the owner. The owner decides whether the object is visible.
        `id ownerSays: ${ownedLeaf(type)}`
      : Object.values(type.getFields())
          .filter((each) => reachedBy(schema, each).size > 0)
          .map((each) => selectionFor(schema, each))
          .join(" ");
    return `... on ${type.name} { __typename ${inner} }`;
  });
  return `${field.name}${size} { ${parts.join(" ")} }`;
}

/** Returns a leaf that only the owner resolves. The alias must have the same type if several object types are selected. All of them have a time. */
function ownedLeaf(type: GraphQLObjectType): string {
  const name = ["createdAt", "at"].find((each) => Object.hasOwn(type.getFields(), each));
  const field = name === undefined ? undefined : type.getFields()[name];
  if (!field || !isLeafType(getNamedType(field.type))) throw new Error(`${type.name} has no time that its owner alone knows.`);
  return field.name;
}

/** Returns the IDs of the objects in an answer. */
function nodesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== "object" || value === null) return [];
  const { id, ownerSays, ...rest } = value as Record<string, unknown>;
  return [...(typeof id === "string" && typeof ownerSays === "string" ? [id] : []), ...Object.values(rest).flatMap(nodesIn)];
}
