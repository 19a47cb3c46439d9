/** Subjects: business objects that instances drive and other subgraphs own. This subgraph knows only their keys. */
import { encodeId } from "@weft/shared/ids";
import { hasPermission, type Permission, type Viewer } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { Allow, inherit } from "@weft/api/rules";
import { Directive, Field, ID, InterfaceType, ObjectType } from "type-graphql";

/** An object with an ID. */
@InterfaceType({
  description: "An object with an ID.",
  // Otherwise the interface would include the types of other subgraphs if both are in one process.
  autoRegisterImplementations: false,
  resolveType: (value: { readonly __typename?: string }) => value.__typename ?? "",
})
export abstract class Node {
  @Field(() => ID, { description: "ID. Its prefix identifies the type." })
  id!: string;
}

/** Narrower than `Node`, so that clients have to consider, and the query planner to plan, only what can be a subject. */
@InterfaceType({
  description: "A business object that a workflow drives.",
  implements: Node,
  autoRegisterImplementations: false,
  resolveType: (value: { readonly __typename?: string }) => value.__typename ?? "",
})
export abstract class Subject extends Node {}

/**
 * Declares a business object. Its `id` belongs to the owner, so whatever fields a client selects, the query plan asks the owner, which alone decides
 * whether the viewer can see the object. Fields that this subgraph adds to it require `id` for that reason.
 */
function stubOf(name: string, key: string, implemented: readonly (abstract new () => Node)[]): new () => SubjectStub {
  @ObjectType(name, { implements: [...implemented] })
  @Directive(key)
  @Allow(inherit)
  class Stub implements SubjectStub {
    readonly __typename = name;

    @Field(() => ID)
    @Directive("@inaccessible")
    nodeKey!: string;

    @Field(() => ID)
    @Directive("@external")
    id!: string;
  }
  return Stub;
}

const subjectOf = (name: string, key: string): new () => SubjectStub => stubOf(name, key, [Node, Subject]);

/** Reference to an object of another subgraph, by the key with which its owner finds it. */
export interface SubjectStub {
  readonly __typename: string;
  readonly nodeKey: string;
}

/** A request, to which this subgraph adds fields. */
export const Request = subjectOf("Request", '@key(fields: "nodeKey")');
export type Request = SubjectStub;

const Project = subjectOf("Project", '@key(fields: "nodeKey", resolvable: false)');

/** An asset, to which this subgraph adds the workflows about it. */
export const Asset = subjectOf("Asset", '@key(fields: "nodeKey")');

/** A building, to which this subgraph adds the workflows about it. */
export const Building = subjectOf("Building", '@key(fields: "nodeKey")');

const Contract = subjectOf("Contract", '@key(fields: "nodeKey", resolvable: false)');

const ScopeChange = subjectOf("ScopeChange", '@key(fields: "nodeKey", resolvable: false)');

const Milestone = subjectOf("Milestone", '@key(fields: "nodeKey", resolvable: false)');

/** Types that a subject can have. */
export const subjectTypes = [Request, Project, Asset, Building, Contract, ScopeChange, Milestone];

/** Returns references to business objects by their UUIDs. What is added to them requires their `id`, which only their owner provides. */
export const stubsOf =
  (type: keyof typeof kinds) =>
  (_ctx: Context, uuids: readonly string[]): Promise<SubjectStub[]> =>
    Promise.resolve(uuids.map((uuid) => ({ __typename: kinds[type].typeName, nodeKey: encodeId(type, uuid) })));

/** The type of a request, to which this subgraph adds fields. */
export const RequestType = stubOf("RequestType", '@key(fields: "nodeKey")', [Node]);
export type RequestType = SubjectStub;

/** Returns a reference to a request type by its UUID. */
export const requestTypeStub = (uuid: string): RequestType => ({ __typename: "RequestType", nodeKey: encodeId("requestType", uuid) });

interface SubjectKind {
  readonly typeName: string;
  /** Without it the owner shows no objects of this kind, and asking would give an error for each field instead of null. */
  readonly permission: Permission;
}

/** Keyed by `subject_type`. */
const kinds = {
  request: { typeName: "Request", permission: "request.read" },
  project: { typeName: "Project", permission: "project.read" },
  asset: { typeName: "Asset", permission: "asset.read" },
  building: { typeName: "Building", permission: "building.read" },
  contract: { typeName: "Contract", permission: "contract.read" },
  scopeChange: { typeName: "ScopeChange", permission: "scope.read" },
  milestone: { typeName: "Milestone", permission: "project.read" },
} as const satisfies Record<string, SubjectKind>;

/** Permission without which `subject` is null, by type. */
export const subjectPermissions = {
  request: kinds.request.permission,
  project: kinds.project.permission,
  asset: kinds.asset.permission,
  building: kinds.building.permission,
  contract: kinds.contract.permission,
  scopeChange: kinds.scopeChange.permission,
  milestone: kinds.milestone.permission,
  vendor: "vendor.read",
} as const satisfies Record<string, Permission>;

/** Columns of an instance that identify its subject. */
export interface SubjectColumns {
  readonly subjectType: string | null;
  readonly subjectId: string | null;
}

/** Returns a reference to the business object that an instance drives. Its owner decides whether the viewer can see it. Null if there is none. */
export function subjectStub(viewer: Viewer, { subjectType, subjectId }: SubjectColumns): SubjectStub | null {
  if (subjectType === null || subjectId === null || !isKind(subjectType)) return null;
  const { typeName, permission } = kinds[subjectType];
  return hasPermission(viewer, permission) ? { __typename: typeName, nodeKey: encodeId(subjectType, subjectId) } : null;
}

const isKind = (type: string): type is keyof typeof kinds => Object.hasOwn(kinds, type);
