/** What instances move: business objects that other subgraphs own. This one knows their keys and nothing else. */
import { Allow, encodeId, hasPermission, inherit, type Permission, type Viewer } from "@weft/shared";
import { Directive, Field, ID, InterfaceType, ObjectType } from "type-graphql";

/** Anything with an id. */
@InterfaceType({
  description: "Anything with an id.",
  // Otherwise the interface would pull the types of other subgraphs into this one, wherever both are in one process.
  autoRegisterImplementations: false,
  resolveType: (value: { readonly __typename?: string }) => value.__typename ?? "",
})
export abstract class Node {
  @Field(() => ID, { description: "TypeID: what kind of thing it is, and which one." })
  id!: string;
}

/**
 * Declares a business object. `id` is its owner's: whatever a client selects of it, the query plan visits the owner, who alone knows whether the
 * viewer sees it.
 */
function subjectOf(name: string): new () => object {
  @ObjectType(name, { implements: Node })
  @Directive('@key(fields: "nodeKey", resolvable: false)')
  @Allow(inherit)
  class Subject {
    @Field(() => ID)
    @Directive("@inaccessible")
    nodeKey!: string;

    @Field(() => ID)
    @Directive("@external")
    id!: string;
  }
  return Subject;
}

interface SubjectKind {
  readonly typeName: string;
  /** Without it the owner shows nothing of its kind: asking would give an error for each field instead of null. */
  readonly permission: Permission;
}

/** By `subject_type`. */
const kinds = {
  request: { typeName: "Request", permission: "request.read" },
  project: { typeName: "Project", permission: "project.read" },
} as const satisfies Record<string, SubjectKind>;

/** The types that a subject can have. */
export const subjectTypes = Object.values(kinds).map(({ typeName }) => subjectOf(typeName));

/** An object of another subgraph, by the key under which its owner finds it. */
export interface SubjectStub {
  readonly __typename: string;
  readonly nodeKey: string;
}

/** The columns of an instance that name its subject. */
export interface SubjectColumns {
  readonly subjectType: string | null;
  readonly subjectId: string | null;
}

/** The business object that an instance moves, as a stub: its owner says whether the viewer sees it. Null where there is none. */
export function subjectStub(viewer: Viewer, { subjectType, subjectId }: SubjectColumns): SubjectStub | null {
  if (subjectType === null || subjectId === null || !isKind(subjectType)) return null;
  const { typeName, permission } = kinds[subjectType];
  return hasPermission(viewer, permission) ? { __typename: typeName, nodeKey: encodeId(subjectType, subjectId) } : null;
}

const isKind = (type: string): type is keyof typeof kinds => Object.hasOwn(kinds, type);
