import type { Context } from "@weft/api/context";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { Allow, canInTenant, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import * as service from "./secret.service.js";
import { CreateSecretInput, UpdateSecretInput, Secret, SecretPayload } from "./secret.type.js";

@Resolver(() => Secret)
export class SecretResolver {
  @Query(() => [Secret], { nullable: true, description: "Secrets, by name, at most 200. Their values are never returned." })
  @Allow(canInTenant("secret.read"))
  secrets(@Ctx() ctx: Context): Promise<Secret[]> {
    return service.readSecrets(ctx);
  }

  @Query(() => Secret, { nullable: true, description: "A secret, without its value. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(canInTenant("secret.read"))
  secret(@Arg("id", () => ID, { description: "ID (`sec_…`)." }) id: string, @Ctx() ctx: Context): Promise<Secret> {
    return service.readSecret(ctx, id);
  }

  @Mutation(() => SecretPayload, {
    description:
      "Creates a secret. Steps read it as `{{ secrets.name }}`. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (such as a name that is taken), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("secret.manage"))
  @RequiresRecentLogin()
  async createSecret(@Arg("input", () => CreateSecretInput) input: CreateSecretInput, @Ctx() ctx: Context): Promise<SecretPayload> {
    return { secret: await service.createSecret(ctx, input) };
  }

  @Mutation(() => SecretPayload, {
    description:
      "Changes a secret, for example to rotate its value. Steps that begin from then on read the new value. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT (such as wider hosts without the value).",
  })
  @Allow(canInTenant("secret.manage"))
  @RequiresRecentLogin()
  async updateSecret(@Arg("input", () => UpdateSecretInput) input: UpdateSecretInput, @Ctx() ctx: Context): Promise<SecretPayload> {
    return { secret: await service.updateSecret(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes a secret. Steps that read it fail from then on. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("secret.manage"))
  async deleteSecret(
    @Arg("input", () => VersionedIdInput, { description: "The secret." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await service.deleteSecret(ctx, input) };
  }
}

export const secretModule: SubgraphModule = { resolvers: { automation: [SecretResolver] } };
