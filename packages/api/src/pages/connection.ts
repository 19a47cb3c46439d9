import { Cost } from "../cost/cost.js";
import "reflect-metadata";
import { Field, Int, ObjectType } from "type-graphql";
import { Allow } from "../rules/allow.js";
import { inherit } from "../rules/rules.js";
import { PageInfo } from "./page-info.js";

export interface Edge<T> {
  cursor: string;
  node: T;
}

/** A page as returned by resolvers. Its members are the connection's fields. */
export interface Page<T> {
  edges: Edge<T>[];
  pageInfo: PageInfo;
  /** A function, so that rows are only counted if the field is requested. graphql-js calls it. */
  totalCount: () => Promise<number>;
}

type Class<T> = abstract new (...args: never[]) => T;

/** Classes of a connection, for `@Field(() => Connection)`. Their instances are `Page` and `Edge`. */
export interface ConnectionTypes<T> {
  readonly Connection: new () => Page<T>;
  readonly Edge: new () => Edge<T>;
}

/**
 * Declares `<Name>Connection` and `<Name>Edge`, once per type: `export const { Connection: RequestConnection } = connectionOf(Request)`.
 * @param name of the object type in GraphQL, if it differs from the class name
 */
export function connectionOf<T extends object>(type: Class<T>, name: string = type.name): ConnectionTypes<T> {
  @Allow(inherit)
  @ObjectType(`${name}Edge`, { description: `${/^[AEIO]/.test(name) ? "An" : "A"} ${name} and its position in the list.` })
  class EdgeType implements Edge<T> {
    @Field(() => String, { description: "Cursor of the item, for `after` and `before`." })
    cursor!: string;

    @Field(() => type as never, { description: "The item." })
    node!: T;
  }

  @Allow(inherit)
  @ObjectType(`${name}Connection`, { description: `A page of ${name} objects.` })
  class ConnectionType implements Page<T> {
    @Field(() => [EdgeType], { description: "Items on this page, in order." })
    edges!: Edge<T>[];

    @Field(() => PageInfo, { description: "Whether there are more pages, and the cursors to continue from." })
    pageInfo!: PageInfo;

    @Field(() => Int, { description: "Total number of items that you can see. Requires a separate database query." })
    @Cost(5)
    totalCount!: () => Promise<number>;
  }

  return { Connection: ConnectionType, Edge: EdgeType };
}
