import "reflect-metadata";
import { registerEnumType } from "type-graphql";

/** Who can read a comment, on a request as on a workflow. */
export enum CommentAudience {
  INTERNAL = "INTERNAL",
  PUBLIC = "PUBLIC",
}
registerEnumType(CommentAudience, {
  name: "CommentAudience",
  description: "Users who can read a comment.",
  valuesConfig: {
    INTERNAL: {
      description:
        "Users of the organization who work on the request: those who can see it other than as its owner. Never users of a vendor, and not the requester.",
    },
    PUBLIC: { description: "Everyone who can see the request, including the requester and the vendor." },
  },
});
