import { Field, Int, ObjectType } from "type-graphql";
import { Allow } from "../rules/allow.js";
import { inherit } from "../rules/rules.js";
import { PageInfo } from "./page-info.js";

export interface Edge<T> {
  cursor: string;
  node: T;
}

/** A page as resolvers return it; its members are the connection's fields. */
export interface Page<T> {
  edges: Edge<T>[];
  pageInfo: PageInfo;
  /** Counts only when the field is asked for: graphql-js calls it. */
  totalCount: () => Promise<number>;
}

type Class<T> = abstract new (...args: never[]) => T;

/** The classes of a connection, for `@Field(() => Connection)`. Their instances are `Page` and `Edge`. */
export interface ConnectionTypes<T> {
  readonly Connection: new () => Page<T>;
  readonly Edge: new () => Edge<T>;
}

/**
 * Declares `<Name>Connection` and `<Name>Edge`, once per type: `export const { Connection: RequestConnection } = connectionOf(Request)`.
 * @param name of the object type in GraphQL, where it is not the class's
 */
export function connectionOf<T extends object>(type: Class<T>, name: string = type.name): ConnectionTypes<T> {
  @Allow(inherit)
  @ObjectType(`${name}Edge`, { description: `${/^[AEIO]/.test(name) ? "An" : "A"} ${name} in its list.` })
  class EdgeType implements Edge<T> {
    @Field(() => String, { description: "Where it stands; for `after` and `before`." })
    cursor!: string;

    @Field(() => type as never, { description: "What stands there." })
    node!: T;
  }

  @Allow(inherit)
  @ObjectType(`${name}Connection`, { description: `A page of ${name} objects.` })
  class ConnectionType implements Page<T> {
    @Field(() => [EdgeType], { description: "What is on this page, in order." })
    edges!: Edge<T>[];

    @Field(() => PageInfo, { description: "Whether there is more, and from where to go on." })
    pageInfo!: PageInfo;

    @Field(() => Int, { description: "How many there are in all, as far as you may see them. Costs a query of its own." })
    totalCount!: () => Promise<number>;
  }

  return { Connection: ConnectionType, Edge: EdgeType };
}
