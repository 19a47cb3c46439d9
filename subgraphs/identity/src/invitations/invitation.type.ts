import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../users/user.type.js";

export enum MailStatus {
  PENDING = "PENDING",
  SENT = "SENT",
  FAILED = "FAILED",
  DROPPED = "DROPPED",
}
registerEnumType(MailStatus, {
  name: "MailStatus",
  description: "What became of a mail.",
  valuesConfig: {
    PENDING: { description: "Waits to be sent, perhaps after attempts that failed." },
    SENT: { description: "Was taken by the mail server; whether it arrives that one knows." },
    FAILED: { description: "Was given up: the mail server refuses it, or could not be reached for hours." },
    DROPPED: { description: "Was not sent: it was taken back before, or waited too long." },
  },
});

@ObjectType({ description: "An invitation that waits for its answer." })
@Allow(inherit)
export class Invitation {
  readonly invitedByUuid!: string | null;

  @Field(() => DateTimeScalar, { description: "When it was last sent." })
  sentAt!: string;

  @Field(() => DateTimeScalar, { description: "Until when it can be accepted." })
  expiresAt!: string;

  @Field(() => Boolean, { description: "Whether it is too late; `resendInvitation` sends another one." })
  isExpired!: boolean;

  @Field(() => MailStatus, { nullable: true, description: "What became of its mail; null when that is forgotten, a month later." })
  mailStatus!: MailStatus | null;

  @Field(() => User, { nullable: true, description: "Who sent it." })
  invitedBy!: User | null;
}
