import { encodeId } from "@weft/shared/ids";
import { Allow, inherit } from "@weft/api/rules";
import { type EntityStub, entityStub } from "@weft/api/subgraph";
import { Directive, Field, ID, ObjectType } from "type-graphql";

/** Entities that other subgraphs own, with only their key. */

export const User = entityStub("User", "A user, owned by identity.");
export type User = EntityStub;

/** Reference to a request, by the key with which its owner finds it. */
export interface RequestStub {
  readonly __typename: string;
  readonly nodeKey: string;
}

/**
 * A request, owned by requests. This subgraph adds a field to it, which requires its `id`. Only the owner has the `id`, so it decides who can see the
 * request, whatever fields a client selects.
 */
@ObjectType("Request")
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Request implements RequestStub {
  readonly __typename = "Request";

  @Field(() => ID)
  @Directive("@inaccessible")
  nodeKey!: string;

  @Field(() => ID)
  @Directive("@external")
  id!: string;

  static readonly of = (uuid: string): RequestStub => ({ __typename: "Request", nodeKey: encodeId("request", uuid) });
}

export const WorkflowInstance = entityStub("WorkflowInstance", "A running or finished workflow, owned by workflows.");
export type WorkflowInstance = EntityStub;

export const Building = entityStub("Building", "A building, owned by requests.");
