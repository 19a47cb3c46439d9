import { Allow, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, ObjectType } from "type-graphql";
import type { PasskeyRow } from "./passkey.store.js";

@ObjectType({ description: "A passkey of yours: a key on a device or in a password manager, with which you log in (WebAuthn)." })
@Allow(inherit)
export class Passkey {
  @Field(() => ID, { description: "ID (`psk_…`)." })
  id!: string;

  @Field(() => String, { description: "Name that you chose." })
  name!: string;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last use." })
  lastUsedAt!: string | null;

  @Field(() => Boolean, { description: "Whether it can be synchronized between devices. Otherwise, it is lost with its device." })
  isSyncable!: boolean;

  @Field(() => Boolean, { description: "Whether it was synchronized when it was last used." })
  isBackedUp!: boolean;
}

export const toPasskey = ({ id, name, createdAt, lastUsedAt, isSyncable, isBackedUp }: PasskeyRow): Passkey => ({
  id: encodeId("passkey", id),
  name,
  createdAt,
  lastUsedAt,
  isSyncable,
  isBackedUp,
});

export const PasskeyPayload = payloadOf(Passkey, "passkey");
export type PasskeyPayload = InstanceType<typeof PasskeyPayload>;
