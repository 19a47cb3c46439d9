import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { IdentityProviderFilter, IdentityProviderOrder } from "./identity-provider.list.js";
import { IdentityProvider } from "./identity-provider.type.js";

@ArgsType()
export class IdentityProvidersArgs extends ConnectionArgs {
  @Field(() => IdentityProviderFilter.Input, { nullable: true, description: "Filter for identity providers." })
  filter?: FilterValue | null;

  @Field(() => IdentityProviderOrder.Input, { nullable: true, description: "Sort order (default: by name)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "Input of `deactivateIdentityProvider`." })
export class DeactivateIdentityProviderInput {
  @Field(() => ID, { description: "The provider." })
  id!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether to end the sessions that the provider has opened, and to revoke the API keys that users have created for themselves in them, for example because it can no longer be trusted.",
  })
  endsSessions!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of `deactivateIdentityProvider`." })
@Allow(inherit)
export class DeactivateIdentityProviderPayload {
  @Field(() => IdentityProvider, { description: "The provider." })
  identityProvider!: IdentityProvider;

  @Field(() => [ID], {
    description:
      "With `endsSessions`, IDs of API keys of service accounts that got their secret in one of the ended sessions (at most 1000). They still work: revoke those that you do not trust.",
  })
  serviceAccountApiKeyIds!: string[];
}

@ObjectType({ description: "Payload of `deleteIdentityProvider`." })
@Allow(inherit)
export class DeleteIdentityProviderPayload {
  @Field(() => ID, { description: "ID of the deleted provider (`idp_…`)." })
  identityProviderId!: string;

  @Field(() => [ID], {
    description:
      "IDs of API keys of service accounts that got their secret in one of the provider's sessions (at most 1000). They still work: revoke those that you do not trust.",
  })
  serviceAccountApiKeyIds!: string[];
}

@InputType({ description: "Input of `activateIdentityProviderKey`." })
export class ActivateIdentityProviderKeyInput {
  @Field(() => ID, { description: "The provider, of the kind SAML." })
  id!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      "Time until which the previous key decrypts assertions, at most 30 days from now (default 24 hours from now). If it has passed, or the provider does not accept encrypted assertions, the previous key is erased at once.",
  })
  previousKeyExpiresAt?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether to erase the key that an earlier call has replaced, even if it still has time left. Otherwise, the call fails with `CONFLICT` then.",
  })
  erasesPreviousKey!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

const testColumns = columns({
  isReachable: column.flag(
    "Whether a login can work as far as the provider's discovery document, its certificates, or a search in the directory say.",
  ),
  problem: column.text("What is wrong. Null if nothing is.", { nullable: true }),
  authorizationUrl: column.text("Where the provider logs users in. Null if it is not known.", { nullable: true }),
  supportedScopes: column.texts("Scopes that the provider supports, as far as it says."),
  logsOut: column.flag("Whether the provider says that it logs users out at Weft too (back-channel logout)."),
});

@ShowColumns(testColumns)
@ObjectType({ description: "Result of `testIdentityProvider`." })
@Allow(inherit)
export class TestIdentityProviderPayload extends shapeOf(testColumns) {}
