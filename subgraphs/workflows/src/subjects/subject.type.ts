/** Subjects: business objects that instances drive and other subgraphs own. This subgraph knows only their keys. */
import { Allow, encodeId, hasPermission, inherit, type Permission, type Viewer } from "@weft/shared";
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

/**
 * Declares a business object. Its `id` belongs to the owner, so whatever fields a client selects, the query plan asks the owner, which alone decides
 * whether the viewer can see the object. Fields that this subgraph adds to it require `id` for that reason.
 */
function subjectOf(name: string, key: string): new () => SubjectStub {
  @ObjectType(name, { implements: Node })
  @Directive(key)
  @Allow(inherit)
  class Subject implements SubjectStub {
    readonly __typename = name;

    @Field(() => ID)
    @Directive("@inaccessible")
    nodeKey!: string;

    @Field(() => ID)
    @Directive("@external")
    id!: string;
  }
  return Subject;
}

/** Reference to an object of another subgraph, by the key with which its owner finds it. */
export interface SubjectStub {
  readonly __typename: string;
  readonly nodeKey: string;
}

/** A request, to which this subgraph adds fields. */
export const Request = subjectOf("Request", '@key(fields: "nodeKey")');
export type Request = SubjectStub;

const Project = subjectOf("Project", '@key(fields: "nodeKey", resolvable: false)');

const Asset = subjectOf("Asset", '@key(fields: "nodeKey", resolvable: false)');

const Contract = subjectOf("Contract", '@key(fields: "nodeKey", resolvable: false)');

const ScopeChange = subjectOf("ScopeChange", '@key(fields: "nodeKey", resolvable: false)');

const Milestone = subjectOf("Milestone", '@key(fields: "nodeKey", resolvable: false)');

/** Types that a subject can have. */
export const subjectTypes = [Request, Project, Asset, Contract, ScopeChange, Milestone];

/** Returns references to requests by their UUIDs. What is added to a request requires its `id`, which only its owner provides. */
export const requestStubs = (uuids: readonly string[]): Request[] =>
  uuids.map((uuid) => ({ __typename: "Request", nodeKey: encodeId("request", uuid) }));

/** The type of a request, to which this subgraph adds fields. */
export const RequestType = subjectOf("RequestType", '@key(fields: "nodeKey")');
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
  contract: { typeName: "Contract", permission: "contract.read" },
  scopeChange: { typeName: "ScopeChange", permission: "scope.read" },
  milestone: { typeName: "Milestone", permission: "project.read" },
} as const satisfies Record<string, SubjectKind>;

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
