import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
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
  description: "Delivery status of an email.",
  valuesConfig: {
    PENDING: { description: "Waiting to be sent, possibly after failed attempts." },
    SENT: { description: "Accepted by the mail server. If it comes back and operators have turned on reports, it becomes FAILED." },
    FAILED: {
      description: "Failed: the mail server rejected it or could not be reached for hours, it came back, or the recipient complained.",
    },
    DROPPED: {
      description: "Not sent, because it was revoked before, waited too long, or its recipient has another address or was deactivated.",
    },
  },
});

@ObjectType({ description: "A pending invitation." })
@Allow(inherit)
export class Invitation {
  readonly invitedByUuid!: string | null;

  @Field(() => DateTimeScalar, { description: "Time of the last email." })
  sentAt!: string;

  @Field(() => DateTimeScalar, { description: "Expiry of the invitation." })
  expiresAt!: string;

  @Field(() => Boolean, { description: "Whether the invitation has expired. `resendInvitation` sends a new one." })
  isExpired!: boolean;

  @Field(() => MailStatus, { nullable: true, description: "Delivery status of the email. Null after one month." })
  mailStatus!: MailStatus | null;

  @Field(() => User, { nullable: true, description: "User who sent the invitation." })
  invitedBy!: User | null;
}
