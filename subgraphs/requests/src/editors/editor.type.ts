import { Allow, can, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";

export const RequestActivity = { CHANGING: "CHANGING", COMMENTING: "COMMENTING" } as const;
export type RequestActivity = keyof typeof RequestActivity;

registerEnumType(RequestActivity, {
  name: "RequestActivity",
  description: "What a user is doing with a request before anything is saved.",
  valuesConfig: {
    CHANGING: { description: "The user has unsaved changes." },
    COMMENTING: { description: "The user is writing a comment." },
  },
});

@ObjectType({ description: "A user who is changing a request at present, or is writing a comment on it." })
@Allow(can("request.read"))
export class RequestEditor {
  @Field(() => User, { nullable: true, description: "The user. Null if you cannot see the user." })
  @Allow(inherit)
  user!: User | null;

  @Field(() => RequestActivity, { description: "What the user is doing. `CHANGING` if the user is doing both." })
  activity!: RequestActivity;

  @Field(() => DateTimeScalar, { description: "Since when." })
  since!: string;
}

@ObjectType({ description: "The users who are changing a request at present, or are writing a comment on it." })
@Allow(can("request.read"))
export class RequestEditors {
  @Field(() => String, { nullable: true, description: "Cursor for the argument `after`. Null in a query." })
  @Allow(inherit)
  cursor!: string | null;

  @Field(() => [RequestEditor], {
    description: "The users, in the order in which they began, at most 20. Without you. Empty for users of vendors.",
  })
  editors!: RequestEditor[];
}

@ObjectType({ description: "Payload of `announceRequestActivity`." })
@Allow(inherit)
export class AnnounceRequestActivityPayload {
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Until when others see it, unless you announce it again. Null if you have stopped.",
  })
  endsAt!: string | null;
}
