import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import type { UserRow } from "./user.store.js";

@ObjectType({ description: "What a user says of himself. Everybody who sees the user sees it." })
@Allow(inherit)
export class Profile {
  @Field(() => String, { nullable: true, description: "What the user does: Facility manager." })
  title!: string | null;

  @Field(() => String, { nullable: true, description: "Where the user is called." })
  phone!: string | null;

  @Field(() => String, { nullable: true, description: "Language and region, BCP 47: `de-CH`." })
  locale!: string | null;

  @Field(() => String, { nullable: true, description: "Name in the IANA database: `Europe/Zurich`." })
  timeZone!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "An https address of a picture, somewhere else: Weft has not looked at it. Load it without a referrer, and expect anything.",
  })
  avatarUrl!: string | null;
}

export function toProfile({ title, phone, locale, timeZone, avatarUrl }: UserRow): Profile {
  return Object.assign(new Profile(), { title, phone, locale, timeZone, avatarUrl });
}
