import { Allow, canInTenant, connectionOf, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType } from "type-graphql";
import type { DomainRow } from "./domain.store.js";

@ObjectType({ description: "A TXT record to publish in the DNS of a domain." })
@Allow(inherit)
export class DomainRecord {
  @Field(() => String, { description: "Name of the record." })
  name!: string;

  @Field(() => String, { description: "Value of the record." })
  value!: string;
}

@ObjectType({
  description:
    "A domain of the tenant. Once it is verified, users with email addresses of the domain log in with the tenant's identity providers, and no other tenant can verify it.",
})
@Allow(canInTenant("identityProvider.read"))
export class Domain {
  @Field(() => ID, { description: "ID (`dom_…`)." })
  id!: string;

  @Field(() => String, { description: "Name, in lower case. Internationalized names are in ASCII." })
  name!: string;

  @Field(() => DomainRecord, { description: "Record that proves that the domain is yours. Keep it: it is checked every day." })
  record!: DomainRecord;

  @Field(() => Boolean, { description: "Whether the record was found at the last check." })
  isVerified!: boolean;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the verification. Null if it is not verified." })
  verifiedAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last check." })
  checkedAt!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When the record of the verified domain was found missing. After a week, the domain is no longer verified.",
  })
  missingSince!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;
}

export const { Connection: DomainConnection } = connectionOf(Domain);

/** Returns the record that proves a domain. */
export const recordOf = ({ name, challenge }: Pick<DomainRow, "name" | "challenge">): DomainRecord => ({
  name: `_weft-challenge.${name}`,
  value: `weft-domain-verification=${challenge}`,
});

export const toDomain = (row: DomainRow): Domain => ({
  id: encodeId("domain", row.id),
  name: row.name,
  record: recordOf(row),
  isVerified: row.verifiedAt !== null,
  verifiedAt: row.verifiedAt,
  checkedAt: row.checkedAt,
  missingSince: row.missingSince,
  version: row.version,
  createdAt: row.createdAt,
});

export const DomainPayload = payloadOf(Domain, "domain");
export type DomainPayload = InstanceType<typeof DomainPayload>;
