import { entityIdTypes, type IdType } from "@weft/shared/ids";
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
  "Project.baseline": "projectTask.read for the tasks of the project, which whoever sees a project need not have",
  "Project.baselines": "projectTask.read for the tasks of the project, which whoever sees a project need not have",
  "Project.scopeItems": "scope.read, which whoever sees a project need not have",
  "Project.scopeVersion": "scope.read, which whoever sees a project need not have",
  "Project.scopeVersions": "scope.read, which whoever sees a project need not have",
  "ProjectTask.predecessors": "not to be of a vendor, whose tasks are part of a plan that they do not see",
  "ProjectTask.schedule": "not to be of a vendor, whose tasks are part of a plan that they do not see",
  "ProjectTask.successors": "not to be of a vendor, whose tasks are part of a plan that they do not see",
  "Team.leads": "team.read, which whoever is in a team need not have",
  "Team.members": "team.read, which whoever is in a team need not have",
  "User.permissionOverrides": "role.read in scope TENANT, but for oneself",
  "User.roles": "which roles others have, the database hides from people of a vendor",
  "WorkflowInstance.timers": "not to be of a vendor, from whom the database hides timers",
  "User.teams": "which teams others are in, the database hides from people of a vendor",
};

/** Values on the way to objects that are shown only to some of those who see the object that has them. */
interface HiddenParts {
  /** Type of the values. */
  readonly of: string;
  /** Selection that identifies a value. */
  readonly key: string;
  /** Selection of the object that `isShown` needs. */
  readonly ofParent?: string;
  /** Returns whether a user who sees the object and these other objects is shown the value in any case. */
  readonly isShown: (value: Answer, parent: Answer, visible: ReadonlySet<string>) => boolean;
  readonly reason: string;
}

type Answer = Readonly<Record<string, unknown>>;

const isPublic = (value: Answer): boolean => value["audience"] === "PUBLIC";
const idIn = (value: unknown): string => (value as { readonly id: string } | null | undefined)?.id ?? "";

/**
 * Fields whose values have rules of their own. The objects of those values are expected that the user is shown, and those of values that users are
 * shown in any case.
 */
const hiddenParts: Readonly<Record<string, HiddenParts>> = {
  "Request.timeline": {
    of: "RequestTimelineEntry",
    key: "kind event audience at from to transition title text",
    ofParent: "workflow { id }",
    isShown: (entry, request, visible) =>
      visible.has(idIn(entry["comment"])) ||
      (isPublic(entry) && (["FILE", "CONVERSION"].includes(String(entry["kind"])) || visible.has(idIn(request["workflow"])))),
    reason: "steps of the workflow are shown with the workflow, and internal entries only to insiders",
  },
  "RequestType.versions": {
    of: "RequestTypeVersion",
    key: "version",
    isShown: () => false,
    reason: "versions need requestType.update",
  },
  "WorkflowInstance.history": {
    of: "HistoryEntry",
    key: "id audience",
    isShown: isPublic,
    reason: "internal comments are shown only to insiders",
  },
};

function wayFrom(schema: GraphQLSchema, parent: GraphQLObjectType, field: Field, types: readonly IdType[]): ReadPath {
  const parentType = entityIdTypes[parent.name] as IdType;
  const hidden = hiddenParts[`${parent.name}.${field.name}`];
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ${parent.name} { id __typename ${hidden?.ofParent ?? ""} ${selectionFor(schema, field, { hidden })} } } }`;
  const read = async (user: TestUser, ids: readonly string[]): Promise<Map<string, Answer>> => {
    const found = new Map<string, Answer>();
    for (let start = 0; start < ids.length; start += 100) {
      const { data } = await user.send(query, { ids: ids.slice(start, start + 100) });
      for (const node of ((data as { nodes?: readonly (Record<string, unknown> | null)[] } | null)?.nodes ?? []).values())
        if (node) found.set(String(node["id"]), node);
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
      const seen = parents.flatMap((id) => nodesIn(mine.get(id)?.[field.name]));
      const among = parents.flatMap((id) => {
        const [own, parent] = [mine.get(id)?.[field.name], all.get(id) ?? {}];
        return hidden ? nodesOfShown(hidden, { own, all: parent[field.name], parent, visible }) : nodesIn(parent[field.name]);
      });
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

/** To the same depth as `reachedBy`: a type can lead to itself. */
function selectionFor(
  schema: GraphQLSchema,
  field: Field,
  { depth = 3, hidden }: { readonly depth?: number; readonly hidden?: HiddenParts | undefined } = {},
): string {
  const size = field.args.some(({ name }) => name === "first") ? "(first: 100)" : "";
  const types = objectTypesOf(schema, getNamedType(field.type));
  const parts = types.map((type) => {
    const inner = isLookedUp(schema, type)
      ? // The referencing subgraph could answer the ID without the owner. The owner decides whether the object is visible.
        `id ownerSays: ${ownedLeaf(type)}`
      : Object.values(type.getFields())
          .filter((each) => depth > 0 && reachedBy(schema, each, depth - 1).size > 0)
          .map((each) => selectionFor(schema, each, { depth: depth - 1, hidden }))
          .concat(type.name === hidden?.of ? [hidden.key] : [])
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

interface Compared {
  readonly own: unknown;
  readonly all: unknown;
  readonly parent: Answer;
  readonly visible: ReadonlySet<string>;
}

/** Returns the objects of those of all values that are among the user's own, or shown in any case. */
function nodesOfShown({ of, key, isShown }: HiddenParts, { own, all, parent, visible }: Compared): string[] {
  const keyOf = (value: Answer): string => JSON.stringify(key.split(" ").map((name) => value[name]));
  const shown = new Set(valuesOf(of, own).map(keyOf));
  return valuesOf(of, all).flatMap((value) => (shown.has(keyOf(value)) || isShown(value, parent, visible) ? nodesIn(value) : []));
}

/** Returns the values of a type in an answer. */
function valuesOf(type: string, answer: unknown): Answer[] {
  if (Array.isArray(answer)) return answer.flatMap((each) => valuesOf(type, each));
  if (typeof answer !== "object" || answer === null) return [];
  const value = answer as Answer;
  return value["__typename"] === type ? [value] : Object.values(value).flatMap((each) => valuesOf(type, each));
}
