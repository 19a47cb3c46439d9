import {
  Allow,
  can,
  ConnectionArgs,
  type Context,
  encodeId,
  type IdType,
  inherit,
  type Page,
  parseAnyId,
  type SubjectType,
} from "@weft/shared";
import { Args, Ctx, Directive, Field, FieldResolver, ID, ObjectType, Resolver, Root } from "type-graphql";
import { AuditEntryConnection, type AuditEntry } from "../entries/audit-entry.type.js";
import { auditTrail } from "../entries/audit-trail.service.js";
import { Node } from "./node.type.js";

/** An entity of another subgraph, by the key under which audit adds to it. */
export interface EntityStub {
  readonly __typename: string;
  readonly nodeKey: string;
}

/**
 * Declares what audit adds to an entity of another subgraph. It hangs on `nodeKey`, and `id` is the owner's: whatever a client selects, the query
 * plan must visit the owner first, who knows whether the viewer sees the object. `auditTrail` requires the id for no other reason.
 */
function entityOf(name: string): { readonly type: new () => object; readonly resolver: new () => object } {
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

  @Resolver(() => Entity)
  class EntityResolver {
    @FieldResolver(() => AuditEntryConnection, {
      nullable: true,
      description:
        "Everything that was done to it, newest first. Needs audit.read. Null with an error where it is refused or audit is down.",
    })
    @Directive('@requires(fields: "id")')
    @Allow(can("audit.read"))
    auditTrail(
      @Root() entity: EntityStub,
      @Args(() => ConnectionArgs) args: ConnectionArgs,
      @Ctx() ctx: Context,
    ): Promise<Page<AuditEntry>> {
      return auditTrail(ctx, parseAnyId(entity.nodeKey)?.uuid ?? "", args);
    }
  }

  return { type: Entity, resolver: EntityResolver };
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
  requestType: "RequestType",
  request: "Request",
  building: "Building",
  asset: "Asset",
  vendor: "Vendor",
  project: "Project",
} as const satisfies Partial<Record<SubjectType, string>>;

const entities = Object.values(entityNames).map((name) => ({ name, ...entityOf(name) }));

export const entityTypes = entities.map(({ type }) => type);
export const entityResolvers = entities.map(({ resolver }) => resolver);

/** The class of users as audit sees them, for fields that name one. */
export const User = entities.find(({ name }) => name === "User")?.type as new () => object;

/** By the name of the type: the keys that came, as stubs. Nothing of them is shown but what the owner has confirmed. */
export const entityReferences = Object.fromEntries(
  Object.entries(entityNames).map(([type, name]) => [
    name,
    (_ctx: Context, uuids: readonly string[]) =>
      Promise.resolve(uuids.map((uuid) => ({ ...stubOf(type as IdType, uuid), id: encodeId(type as IdType, uuid) }))),
  ]),
);

/** The stub of an object of another subgraph; null for kinds that are none (sessions, history). Whether it exists is its owner's to say. */
export function stubOf(type: string, uuid: string): EntityStub | null {
  if (!Object.hasOwn(entityNames, type)) return null;
  const kind = type as keyof typeof entityNames;
  return { __typename: entityNames[kind], nodeKey: encodeId(kind, uuid) };
}

export const userStub = (uuid: string): EntityStub => ({ __typename: "User", nodeKey: encodeId("user", uuid) });
