import "reflect-metadata";
import { Directive, Field, ID, ObjectType } from "type-graphql";
import { encodeId, idPrefixes, idTypeOf } from "@weft/shared/ids";
import { Allow } from "../rules/allow.js";
import { inherit } from "../rules/rules.js";

/** A reference to an entity that another subgraph owns. */
export interface EntityStub {
  readonly __typename: string;
  /** TypeID. */
  readonly id: string;
}

/** Class of these references, for `@Field(() => User)`, unions and `orphanedTypes`. */
export interface EntityStubType {
  new (): EntityStub;
  /** Returns the reference to the entity with this UUID. */
  of(this: void, uuid: string): EntityStub;
  /** As `of`, but returns null for null. */
  ofOrNull(this: void, uuid: string | null): EntityStub | null;
}

/**
 * Declares an entity of another subgraph with only its `id`. The owning subgraph resolves every other field and decides whether the viewer can see
 * the entity. Each subgraph declares its own class, because a field added to a shared class would appear in all subgraphs.
 * @param name of the type in GraphQL, one of `entityIdTypes`
 * @param implemented interfaces of the subgraph, if one of its fields returns the entity as such
 */
export function entityStub(name: string, description?: string, implemented?: readonly (abstract new () => object)[]): EntityStubType {
  const idType = idTypeOf(name);
  const of = (uuid: string): EntityStub => ({ __typename: name, id: encodeId(idType, uuid) });

  @ObjectType(name, { ...(description !== undefined && { description }), ...(implemented && { implements: [...implemented] }) })
  @Directive('@key(fields: "id", resolvable: false)')
  @Allow(inherit)
  class Stub implements EntityStub {
    readonly __typename = name;

    @Field(() => ID, { description: `ID (\`${idPrefixes[idType]}_…\`).` })
    id!: string;

    static readonly of = of;
    static readonly ofOrNull = (uuid: string | null): EntityStub | null => (uuid === null ? null : of(uuid));
  }
  return Stub;
}

/** Assignee columns of a row. At most one of them is set. */
export interface AssigneeColumns {
  readonly assigneeUserId: string | null;
  readonly assigneeTeamId: string | null;
  readonly assigneeVendorId: string | null;
}

/** Returns the assignee of a row, as a member of the union `Principal`. Null if there is none. */
export function assigneeOf({ assigneeUserId, assigneeTeamId, assigneeVendorId }: AssigneeColumns): EntityStub | null {
  if (assigneeUserId !== null) return { __typename: "User", id: encodeId("user", assigneeUserId) };
  if (assigneeTeamId !== null) return { __typename: "Team", id: encodeId("team", assigneeTeamId) };
  return assigneeVendorId === null ? null : { __typename: "Vendor", id: encodeId("vendor", assigneeVendorId) };
}
