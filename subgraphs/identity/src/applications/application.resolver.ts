import type { Context } from "@weft/api/context";
import { DeletePayload, Environment, VersionedIdInput } from "@weft/api/inputs";
import { connectionOf, type Page } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { ApplicationsArgs } from "./application.input.js";
import * as service from "./application.service.js";
import { Application, ApplicationPayload, CreateApplicationInput, UpdateApplicationInput } from "./application.type.js";
import { manifestsOf } from "./manifests/manifest.service.js";
import { OperationManifest } from "./manifests/manifest.type.js";

const { Connection: ApplicationConnection } = connectionOf(Application);

@Resolver(() => Application)
export class ApplicationResolver {
  @Query(() => Application, { nullable: true, description: "An application. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(canInTenant("application.read"))
  application(@Arg("id", () => ID, { description: "The ID, `app_…`." }) id: string, @Ctx() ctx: Context): Promise<Application> {
    return service.readApplication(ctx, id);
  }

  @Query(() => ApplicationConnection, { nullable: true, description: "Applications of the tenant. Errors: BAD_USER_INPUT." })
  @Allow(canInTenant("application.read"))
  applications(@Args(() => ApplicationsArgs) args: ApplicationsArgs, @Ctx() ctx: Context): Promise<Page<Application>> {
    return service.listApplications(ctx, args);
  }

  @Mutation(() => ApplicationPayload, {
    description: "Creates an application. Errors: BAD_USER_INPUT (a key that is taken), LIMIT_EXCEEDED, CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("application.manage"))
  async createApplication(
    @Arg("input", () => CreateApplicationInput) input: CreateApplicationInput,
    @Ctx() ctx: Context,
  ): Promise<ApplicationPayload> {
    return { application: await service.createApplication(ctx, input) };
  }

  @Mutation(() => ApplicationPayload, { description: "Changes an application. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT." })
  @Allow(canInTenant("application.manage"))
  async updateApplication(
    @Arg("input", () => UpdateApplicationInput) input: UpdateApplicationInput,
    @Ctx() ctx: Context,
  ): Promise<ApplicationPayload> {
    return { application: await service.updateApplication(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes an application with its stored operations. Its requests can no longer use them. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("application.manage"))
  async deleteApplication(
    @Arg("input", () => VersionedIdInput, { description: "The application." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await service.deleteApplication(ctx, input) };
  }

  @FieldResolver(() => [OperationManifest], {
    description: "Versions of its stored operations, newest first: all that are active, and the last retired ones.",
  })
  @Allow(inherit)
  manifests(
    @Root() { uuid }: Application,
    @Arg("environment", () => Environment, { nullable: true, description: "Environment. Default: all." }) environment:
      | Environment
      | null
      | undefined,
    @Ctx() ctx: Context,
  ): Promise<OperationManifest[]> {
    return manifestsOf(ctx, uuid, environment);
  }
}

export const applicationModule: SubgraphModule = { resolvers: { organizations: [ApplicationResolver] } };
