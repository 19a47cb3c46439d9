import { Field, InputType, Int } from "type-graphql";

@InputType({
  description:
    "Changes of your own profile. Omitted fields keep their values; null or an empty string removes a value, except for the name.",
})
export class UpdateProfileInput {
  @Field(() => String, { nullable: true, description: "Display name (1 to 200 characters)." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "Job title (at most 200 characters)." })
  title?: string | null;

  @Field(() => String, { nullable: true, description: "Phone number (3 to 32 digits, spaces, and + ( ) . / -)." })
  phone?: string | null;

  @Field(() => String, { nullable: true, description: "Language and region as a BCP 47 tag, for example `de-CH`." })
  locale?: string | null;

  @Field(() => String, { nullable: true, description: "IANA time zone, for example `Europe/Zurich`." })
  timeZone?: string | null;

  @Field(() => String, { nullable: true, description: "URL of a picture (https, at most 2000 characters)." })
  avatarUrl?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}
