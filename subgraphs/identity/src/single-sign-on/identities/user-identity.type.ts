import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { Field, ID, InputType, ObjectType } from "type-graphql";

import type { UserIdentityRow } from "./user-identity.store.js";

const userIdentityColumns = columns({
  id: column.id("ID (`uid_…`)."),
  providerId: column.id("ID of the identity provider (`idp_…`)."),
  providerName: column.text("Display name of the identity provider."),
  subject: column.text("The provider's name for the account, of which only the beginning and the end show."),
  linkedAt: column.time("Time of the first login."),
  lastUsedAt: column.time("Time of the last login. With a directory, also when a renewal of a session found the account there."),
});

@ShowColumns(userIdentityColumns)
@ObjectType({ description: "An account of an identity provider with which a user can log in." })
@Allow(inherit)
export class UserIdentity extends shapeOf(userIdentityColumns) {}

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
