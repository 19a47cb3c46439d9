import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import type { UserRow } from "../user.columns.js";

@ObjectType({ description: "Profile of a user. Visible to everyone who can see the user." })
@Allow(inherit)
export class Profile {
  @Field(() => String, { nullable: true, description: "Job title, for example Facility manager." })
  title!: string | null;

  @Field(() => String, { nullable: true, description: "Phone number." })
  phone!: string | null;

  @Field(() => String, { nullable: true, description: "Language and region as a BCP 47 tag, for example `de-CH`." })
  locale!: string | null;

  @Field(() => String, { nullable: true, description: "IANA time zone, for example `Europe/Zurich`." })
  timeZone!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "URL of a picture on another server (https). Weft does not check it. Load it without a referrer, and do not trust its content.",
  })
  avatarUrl!: string | null;
}

export function toProfile({
  title,
  phone,
  locale,
  timeZone,
  avatarUrl,
}: Pick<UserRow, "title" | "phone" | "locale" | "timeZone" | "avatarUrl">): Profile {
  return Object.assign(new Profile(), { title, phone, locale, timeZone, avatarUrl });
}
