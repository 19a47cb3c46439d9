import { encodeId, entityTypes as idTypes, isIdType, type NodeType, nodeTypes as nodeIdTypes, objectTypes } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { Allow, inherit } from "@weft/api/rules";
import { Directive, Field, ID, ObjectType } from "type-graphql";
import { Node } from "./node.type.js";

/** An entity of another subgraph, with the key that audit uses. */
export interface EntityStub {
  readonly __typename: string;
  readonly nodeKey: string;
}

/**
 * Declares an entity of another subgraph. Its key is `nodeKey`, and `id` belongs to the owning subgraph. Therefore, whatever a client selects, the
 * query plan must first call the owning subgraph, which knows whether the viewer can see the object.
 */
function entityOf(name: string): new () => object {
  @ObjectType(name, { implements: Node })
  @Directive('@key(fields: "nodeKey")')
  @Allow(inherit)
  class Entity {
    @Field(() => ID)
    @Directive("@inaccessible")
    nodeKey!: string;

    @Field(() => ID)
    @Directive("@external")
    id!: string;
  }
  return Entity;
}

/** Class of users in this subgraph, for fields that reference one. */
export const User = entityOf(objectTypes.user.typeName);

/** Class of teams in this subgraph, for fields that reference one. */
export const Team = entityOf(objectTypes.team.typeName);

/** Class of instances in this subgraph, for fields that reference one. */
export const WorkflowInstance = entityOf(objectTypes.instance.typeName);

const named: Readonly<Partial<Record<string, new () => object>>> = { user: User, team: Team, instance: WorkflowInstance };

export const entityTypes = idTypes.map((type) => named[type] ?? entityOf(objectTypes[type].typeName));

/** Types that `node` resolves, without those of this subgraph. */
export const nodeTypes = [
  ...entityTypes,
  ...nodeIdTypes.filter((type) => objectTypes[type].role === "node").map((type) => entityOf(objectTypes[type].typeName)),
];

/** Reference loaders by type name. They return the given keys as stubs. Only what the owning subgraph has confirmed is shown. */
export const entityReferences = Object.fromEntries(
  nodeIdTypes.map((type) => [
    objectTypes[type].typeName,
    (_ctx: Context, uuids: readonly string[]) =>
      Promise.resolve(uuids.map((uuid) => ({ ...stubOf(type, uuid), id: encodeId(type, uuid) }))),
  ]),
);

/**
 * Returns the stub of an object of another subgraph. Null for types that `node` does not resolve (sessions, history). The owning subgraph decides whether it
 * exists.
 */
export function stubOf(type: string, uuid: string): EntityStub | null {
  if (!isNodeType(type)) return null;
  return { __typename: objectTypes[type].typeName, nodeKey: encodeId(type, uuid) };
}

const isNodeType = (type: string): type is NodeType => isIdType(type) && ["entity", "node"].includes(objectTypes[type].role);

export const userStub = (uuid: string): EntityStub => ({ __typename: objectTypes.user.typeName, nodeKey: encodeId("user", uuid) });

export const teamStub = (uuid: string): EntityStub => ({ __typename: objectTypes.team.typeName, nodeKey: encodeId("team", uuid) });

export const instanceStub = (uuid: string): EntityStub => ({
  __typename: objectTypes.instance.typeName,
  nodeKey: encodeId("instance", uuid),
});
