import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { IdInput } from "@weft/api/inputs";
import type { Page } from "@weft/api/pages";
import { allOf, Allow, anyOf, canInTenant, inherit, inPerson, RequiresRecentLogin, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadUser } from "../users/user.loader.js";
import { User } from "../users/user.type.js";
import { ApiKeysArgs, RotateApiKeyInput } from "./api-key.input.js";
import * as service from "./api-key.service.js";
import { ApiKey, ApiKeyConnection, CreateApiKeyInput, toApiKey, UpdateApiKeyInput } from "./api-key.type.js";
import { ApiKeySecretPayload, ApiKeyPayload } from "./api-key-payload.type.js";

const reading = anyOf(canInTenant("apiKey.read"), staff);
const managing = anyOf(canInTenant("apiKey.manage"), staff);

@Resolver(() => ApiKey)
export class ApiKeyResolver {
  @Query(() => ApiKey, { nullable: true, description: "An API key: your own or, with apiKey.read, any. Errors: NOT_FOUND." })
  @Allow(reading)
  async apiKey(@Arg("id", () => ID, { description: "ID of the API key (`key_…`)." }) id: string, @Ctx() ctx: Context): Promise<ApiKey> {
    return toApiKey(await service.readApiKeyRow(ctx, decodeId("apiKey", id)));
  }

  @Query(() => ApiKeyConnection, {
    nullable: true,
    description: "Your API keys and, with apiKey.read, those of all users. Errors: BAD_USER_INPUT.",
  })
  @Allow(reading)
  apiKeys(@Args(() => ApiKeysArgs) args: ApiKeysArgs, @Ctx() ctx: Context): Promise<Page<ApiKey>> {
    return service.listApiKeys(ctx, args);
  }

  @FieldResolver(() => User, { nullable: true, description: "User or service account of the key, if you can see that user." })
  @Allow(inherit)
  user(@Root() { userUuid }: ApiKey, @Ctx() ctx: Context): Promise<User | null> {
    return loadUser(ctx, userUuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "User who created the key, if you can see that user." })
  @Allow(inherit)
  createdBy(@Root() { createdByUuid }: ApiKey, @Ctx() ctx: Context): Promise<User | null> {
    return loadUser(ctx, createdByUuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "User who revoked the key, if you can see that user." })
  @Allow(inherit)
  revokedBy(@Root() { revokedByUuid }: ApiKey, @Ctx() ctx: Context): Promise<User | null> | null {
    return revokedByUuid === null ? null : loadUser(ctx, revokedByUuid);
  }

  @Mutation(() => ApiKeySecretPayload, {
    description:
      "Creates an API key for yourself or, with apiKey.manage, for a service account. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, FORBIDDEN (permissions that you do not have, an account with more rights, keys of users are not allowed, you use an API key), NOT_FOUND, CONFLICT (100 keys).",
  })
  @Allow(allOf(inPerson, managing))
  @RequiresRecentLogin()
  async createApiKey(
    @Arg("input", () => CreateApiKeyInput, { description: "The input." }) input: CreateApiKeyInput,
    @Ctx() ctx: Context,
  ): Promise<ApiKeySecretPayload> {
    const { row, text } = await service.createApiKey(ctx, input);
    return { apiKey: toApiKey(row), key: text };
  }

  @Mutation(() => ApiKeyPayload, {
    description:
      "Changes an API key; takes effect at once. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, FORBIDDEN (as for `createApiKey`), CONFLICT (version, revoked).",
  })
  @Allow(allOf(inPerson, managing))
  @RequiresRecentLogin()
  async updateApiKey(
    @Arg("input", () => UpdateApiKeyInput, { description: "The input." }) input: UpdateApiKeyInput,
    @Ctx() ctx: Context,
  ): Promise<ApiKeyPayload> {
    return { apiKey: toApiKey(await service.updateApiKey(ctx, input)) };
  }

  @Mutation(() => ApiKeySecretPayload, {
    description:
      "Replaces the secret of an API key. The replaced key works for the overlap. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, FORBIDDEN (as for `createApiKey`), CONFLICT (version, revoked).",
  })
  @Allow(allOf(inPerson, managing))
  @RequiresRecentLogin()
  async rotateApiKey(
    @Arg("input", () => RotateApiKeyInput, { description: "The input." }) input: RotateApiKeyInput,
    @Ctx() ctx: Context,
  ): Promise<ApiKeySecretPayload> {
    const { row, text } = await service.rotateApiKey(ctx, input);
    return { apiKey: toApiKey(row), key: text };
  }

  @Mutation(() => ApiKeyPayload, {
    description:
      "Revokes an API key at once, including its WebSockets: your own or, with apiKey.manage, any. An API key can revoke itself. Errors: NOT_FOUND, FORBIDDEN.",
  })
  @Allow(managing)
  async revokeApiKey(
    @Arg("input", () => IdInput, { description: "The API key." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<ApiKeyPayload> {
    return { apiKey: toApiKey(await service.revokeApiKey(ctx, input)) };
  }
}

export const apiKeyModule: SubgraphModule = { resolvers: { people: [ApiKeyResolver] } };
