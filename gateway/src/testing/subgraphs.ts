import { sql } from "drizzle-orm";
import { NotFound, ServiceUnavailable } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { cursorOf, liveCursorResolver, liveField } from "@weft/api/live";
import { ConnectionArgs, connectionOf } from "@weft/api/pages";
import { Allow, anyone, authenticated, can, GatewayOnly, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { defineSubgraph, type Subgraph } from "@weft/api/subgraph";
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from "type-graphql";

// Two small subgraphs that share the entity User, to test the gateway without the real ones.

@Directive('@key(fields: "id")')
@Allow(inherit)
@ObjectType("User", { description: "A person." })
class PeopleUser {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;
}

@Allow(inherit)
@ObjectType("Renewed", { description: "A session that was renewed." })
class Renewed {
  @Field(() => String)
  accessToken!: string;
}

@Allow(inherit)
@ObjectType("Trouble", { description: "A field that always fails." })
class Trouble {
  @Field(() => Number)
  number!: number;
}

@Resolver(() => Trouble)
class TroubleResolver {
  @Query(() => [Trouble])
  @Allow(anyone)
  troubles(): Trouble[] {
    return Array.from({ length: 150 }, (_, number) => ({ number }));
  }

  @FieldResolver(() => String, { nullable: true })
  @Allow(inherit)
  reason(@Root() { number }: Trouble): string {
    throw new NotFound("Trouble", String(number));
  }
}

enum SignalMethod {
  PUT = "PUT",
}
registerEnumType(SignalMethod, { name: "SignalMethod" });

@InputType()
class ReceiveSignalInput {
  @Field(() => SignalMethod)
  method!: SignalMethod;
}

@Allow(inherit)
@ObjectType()
class ReceiveSignalPayload {
  @Field(() => String)
  received!: string;
}

@Resolver(() => PeopleUser)
class PeopleResolver {
  @Query(() => PeopleUser)
  @Allow(authenticated)
  me(@Ctx() { viewer }: Context): PeopleUser {
    return { id: encodeId("user", viewer.userId), name: "Ada" };
  }

  @Query(() => String)
  @Allow(anyone)
  greeting(@Arg("name", () => String, { nullable: true }) name: string | null): string {
    if (name === "crash") throw new Error('relation "identity.users" does not exist at /srv/weft/secret.ts');
    if (name === "down") throw new ServiceUnavailable("database", new Error("connect ECONNREFUSED 10.0.0.1:5432"));
    return `hello ${name ?? "world"}`;
  }

  @Query(() => String, { description: "Responds after the test releases the lock." })
  @Allow(authenticated)
  async locked(@Ctx() ctx: Context): Promise<string> {
    await ctx.read((tx) => tx.execute(sql`select pg_advisory_xact_lock_shared(4711)`));
    return ctx.viewer.userId;
  }

  @Query(() => JsonScalar, { description: "What the gateway passes on about the caller." })
  @Allow(anyone)
  whoAmI(@Ctx() { maybeViewer, address, requestId }: Context): unknown {
    return { viewer: maybeViewer, address, requestId };
  }

  @Query(() => String)
  @Allow(can("role.update"))
  onlyRoleEditors(): string {
    return "you may";
  }

  @Query(() => JsonScalar)
  @Allow(anyone)
  echo(@Arg("data", () => JsonScalar, { nullable: true }) data: unknown): unknown {
    return data ?? null;
  }

  @Mutation(() => String)
  @Allow(anyone)
  login(@Arg("password", () => String) password: string): string {
    return password;
  }

  @Mutation(() => Renewed)
  @Allow(anyone)
  renew(@Arg("accessToken", () => String) accessToken: string): Renewed {
    return { accessToken };
  }

  @Mutation(() => String)
  @Allow(anyone)
  signUp(@Arg("name", () => String) name: string): string {
    return name;
  }

  @Mutation(() => ReceiveSignalPayload)
  @GatewayOnly()
  @Allow(anyone)
  receiveSignal(@Arg("input", () => ReceiveSignalInput) { method }: ReceiveSignalInput): ReceiveSignalPayload {
    return { received: method };
  }

  @Mutation(() => String)
  @Allow(authenticated)
  rename(@Arg("name", () => String) name: string): string {
    return name;
  }
}

export const people = (): Subgraph =>
  defineSubgraph({
    name: "people",
    resolvers: [PeopleResolver, TroubleResolver],
    references: { User: (_ctx, uuids) => Promise.resolve(uuids.map((uuid) => ({ id: encodeId("user", uuid), name: "Ada" }))) },
  });

@Directive('@key(fields: "id", resolvable: false)')
@Allow(inherit)
@ObjectType("User")
class RequestsUser {
  @Field(() => ID)
  id!: string;
}

@Allow(inherit)
@ObjectType("Request", { description: "Something to do." })
class Request {
  @Field(() => ID)
  id!: string;

  @Field(() => RequestsUser, { nullable: true })
  owner!: RequestsUser | null;
}

const { Connection: RequestConnection } = connectionOf(Request);

@Allow(inherit)
@ObjectType("RequestChanged", { description: "A change." })
class RequestChanged {
  @Field(() => String)
  cursor!: string;

  @Field(() => String)
  change!: string;

  @Field(() => Request)
  request!: Request;
}

@ArgsType()
class RequestChangedArgs {
  @Field(() => ID, { nullable: true })
  id?: string | null;
}

/** How often the mirror query ran. Equal subscriptions of one session share a response. */
export const answered = { count: 0 };
/** IDs to which nobody can subscribe. */
export const hiddenIds = new Set<string>();
/** While positive, responses fail as if the database were unavailable, and the number is decremented. */
export const failures = { left: 0 };

const changed = liveField<RequestChangedArgs, RequestChanged>({
  name: "requestChanged",
  type: () => RequestChanged,
  args: RequestChangedArgs,
  rule: authenticated,
  description: "Changes of requests.",
  resolve: (ctx, { id }, event) => {
    if (id !== undefined && id !== null && hiddenIds.has(id)) return Promise.reject(new NotFound("Request", id));
    if (!event) return Promise.resolve(null);
    answered.count++;
    if (failures.left > 0) {
      failures.left--;
      return Promise.reject(new ServiceUnavailable("database"));
    }
    const request = { id: encodeId("request", event.subjectId), owner: { id: encodeId("user", ctx.viewer.userId) } };
    return Promise.resolve({ cursor: cursorOf(ctx, event), change: event.type, request });
  },
});

@Resolver(() => Request)
class RequestsResolver {
  @Query(() => RequestConnection)
  @Allow(authenticated)
  requests(@Args(() => ConnectionArgs) _page: ConnectionArgs, @Ctx() { viewer }: Context): InstanceType<typeof RequestConnection> {
    const node = { id: encodeId("request", viewer.userId), owner: { id: encodeId("user", viewer.userId) } };
    return {
      edges: [{ cursor: "c", node }],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      totalCount: () => Promise.resolve(1),
    };
  }

  @FieldResolver(() => String)
  @Allow(inherit)
  slowly(@Root() _request: Request, @Arg("ms", () => Number) ms: number): Promise<string> {
    return new Promise((resolve) => setTimeout(() => resolve("at last"), ms));
  }
}

const LiveCursorResolver = liveCursorResolver();

export const requests = (): Subgraph => defineSubgraph({ name: "requests", resolvers: [RequestsResolver, LiveCursorResolver, changed] });
