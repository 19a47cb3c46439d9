import { Allow, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";

import type { UserIdentityRow } from "./user-identity.store.js";

@ObjectType({ description: "An account of an identity provider with which a user can log in." })
@Allow(inherit)
export class UserIdentity {
  @Field(() => ID, { description: "ID (`uid_…`)." })
  id!: string;

  @Field(() => ID, { description: "ID of the identity provider (`idp_…`)." })
  providerId!: string;

  @Field(() => String, { description: "Display name of the identity provider." })
  providerName!: string;

  @Field(() => String, { description: "The provider's name for the account, of which only the beginning and the end show." })
  subject!: string;

  @Field(() => DateTimeScalar, { description: "Time of the first login." })
  linkedAt!: string;

  @Field(() => DateTimeScalar, {
    description: "Time of the last login. With a directory, also when a renewal of a session found the account there.",
  })
  lastUsedAt!: string;
}

export const toUserIdentity = ({ id, providerId, providerName, subject, createdAt, lastUsedAt }: UserIdentityRow): UserIdentity =>
  Object.assign(new UserIdentity(), {
    id: encodeId("userIdentity", id),
    providerId: encodeId("identityProvider", providerId),
    providerName,
    subject: masked(subject),
    linkedAt: createdAt,
    lastUsedAt,
  });

/** Shows enough to tell two accounts apart. Some providers use email addresses as names. */
export function masked(subject: string): string {
  const characters = Array.from(subject);
  const shown = characters.length >= 12 ? 3 : characters.length >= 6 ? 1 : 0;
  return `${characters.slice(0, shown).join("")}…${shown === 0 ? "" : characters.slice(-shown).join("")}`;
}

@InputType({ description: "Input of `unlinkUserIdentity`." })
export class UnlinkUserIdentityInput {
  @Field(() => ID, { description: "The user." })
  userId!: string;

  @Field(() => ID, { description: "The account of the user (`uid_…`)." })
  identityId!: string;
}
