import { Allow, type Context, encodeId, inherit, type SubjectType } from "@weft/shared";
import { Directive, Field, ID, ObjectType } from "type-graphql";
import { Node } from "./node.type.js";

/** An entity of another subgraph, by the key under which audit adds to it. */
export interface EntityStub {
  readonly __typename: string;
  readonly nodeKey: string;
}

/** The entities of other subgraphs that have an audit trail and can be found by `node`, by the kind of their ids. */
const entityNames = {
  tenant: "Tenant",
  user: "User",
  team: "Team",
  role: "Role",
  definition: "Definition",
  instance: "WorkflowInstance",
  task: "Task",
  taskRemark: "TaskRemark",
  absence: "Absence",
  incident: "Incident",
  routingRule: "RoutingRule",
  bulkOperation: "BulkOperation",
  requestType: "RequestType",
  request: "Request",
  building: "Building",
  asset: "Asset",
  vendor: "Vendor",
  project: "Project",
} as const satisfies Partial<Record<SubjectType, string>>;

type EntityIdType = keyof typeof entityNames;

/**
 * Declares an entity of another subgraph. It hangs on `nodeKey`, and `id` is the owner's: whatever a client selects, the query plan must visit the
 * owner first, who knows whether the viewer sees the object.
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

/** The class of users as audit sees them, for fields that name one. */
export const User = entityOf(entityNames.user);

export const entityTypes = Object.values(entityNames).map((name) => (name === entityNames.user ? User : entityOf(name)));

/** By the name of the type: the keys that came, as stubs. Nothing of them is shown but what the owner has confirmed. */
export const entityReferences = Object.fromEntries(
  Object.entries(entityNames).map(([type, name]) => [
    name,
    (_ctx: Context, uuids: readonly string[]) =>
      Promise.resolve(uuids.map((uuid) => ({ ...stubOf(type, uuid), id: encodeId(type as EntityIdType, uuid) }))),
  ]),
);

/** The stub of an object of another subgraph; null for kinds that are none (sessions, history). Whether it exists is its owner's to say. */
export function stubOf(type: string, uuid: string): EntityStub | null {
  if (!Object.hasOwn(entityNames, type)) return null;
  const kind = type as EntityIdType;
  return { __typename: entityNames[kind], nodeKey: encodeId(kind, uuid) };
}

export const userStub = (uuid: string): EntityStub => ({ __typename: entityNames.user, nodeKey: encodeId("user", uuid) });
