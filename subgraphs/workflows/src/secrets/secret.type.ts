import { automationRules } from "@weft/drizzle";
import { Allow, canInTenant, DateTimeScalar, encodeId, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType } from "type-graphql";

const { secrets } = automationRules;
export type SecretRow = typeof secrets.$inferSelect;

@ObjectType({
  description: "A named value that the steps of automations read as `{{ secrets.name }}`. It is encrypted, and the API never returns it.",
})
@Allow(canInTenant("secret.read"))
export class Secret {
  @Field(() => ID, { description: "ID (`sec_…`)." })
  id!: string;

  @Field(() => String, { description: "Name, unique in the tenant. Steps refer to it." })
  name!: string;

  @Field(() => String, { description: "What it is for." })
  description!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      "Hosts that steps can send it to, such as `api.example.com` or `*.example.com`. Null: all that the security profile of the run allows.",
  })
  domains!: readonly string[] | null;

  @Field(() => DateTimeScalar, { description: "Time when its value was last changed." })
  valueChangedAt!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time when a step last read it, accurate to a minute. Null if none has.",
  })
  lastUsedAt!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

export const toSecret = (row: Omit<SecretRow, "value">): Secret => ({
  id: encodeId("secret", row.id),
  name: row.name,
  description: row.description,
  domains: row.domains,
  valueChangedAt: row.valueChangedAt,
  lastUsedAt: row.lastUsedAt,
  version: row.version,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});

export const SecretPayload = payloadOf(Secret, "secret");
export type SecretPayload = InstanceType<typeof SecretPayload>;
