import type { Context } from "@weft/api/context";
import { Allow, anyone } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { LoginPayload } from "../sessions/session.type.js";
import { loginWithDirectory } from "./directory.service.js";
import { LoginWithDirectoryInput } from "./directory.type.js";

@Resolver()
export class DirectoryResolver {
  @Mutation(() => LoginPayload, {
    description:
      "Opens a session with the password of a directory (LDAP). Users with a second factor get MFA_REQUIRED with `extensions.mfaToken`, for `completeLogin`. Errors: NOT_FOUND (no active directory), UNAUTHENTICATED (the same answer for every reason), MFA_REQUIRED, RATE_LIMITED, SERVICE_UNAVAILABLE (the directory does not answer), TENANT_SUSPENDED, LIMIT_EXCEEDED (the user has too many sessions).",
  })
  @Allow(anyone)
  loginWithDirectory(
    @Arg("input", () => LoginWithDirectoryInput, { description: "The input." }) input: LoginWithDirectoryInput,
    @Ctx() ctx: Context,
  ): Promise<LoginPayload> {
    return loginWithDirectory(ctx, input);
  }
}

export const directoryModule: SubgraphModule = { resolvers: { "single-sign-on": [DirectoryResolver] } };
