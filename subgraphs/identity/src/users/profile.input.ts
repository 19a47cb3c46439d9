import { Allow, inherit } from "@weft/shared";
import { Field, InputType, Int, ObjectType } from "type-graphql";
import { User } from "./user.type.js";

@InputType({ description: "About oneself. What is left out stays; null or an empty text takes it away, apart from the name." })
export class UpdateProfileInput {
  @Field(() => String, { nullable: true, description: "What people call you; 1 to 200 characters." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "What you do; at most 200 characters." })
  title?: string | null;

  @Field(() => String, { nullable: true, description: "Digits, spaces and + ( ) . / -; 3 to 32 characters." })
  phone?: string | null;

  @Field(() => String, { nullable: true, description: "Language and region, BCP 47: `de-CH`." })
  locale?: string | null;

  @Field(() => String, { nullable: true, description: "Name in the IANA database: `Europe/Zurich`." })
  timeZone?: string | null;

  @Field(() => String, { nullable: true, description: "An https address; at most 2000 characters." })
  avatarUrl?: string | null;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `updateProfile` answers." })
@Allow(inherit)
export class UpdateProfilePayload {
  @Field(() => User, { description: "The user as it is now." })
  user!: User;
}
