/** References to users, teams and vendors, which the identity and vendors subgraphs own. */
import { type EntityStub, entityStub } from "@weft/api/subgraph";
import { createUnionType } from "type-graphql";
import { Node, Subject } from "../subjects/subject.type.js";

export const User = entityStub("User");
export type User = EntityStub;

export const Team = entityStub("Team");
export type Team = EntityStub;

/** Also the subject of its onboarding. */
export const Vendor = entityStub("Vendor", undefined, [Node, Subject]);
export type Vendor = EntityStub;

export const Principal = createUnionType({
  name: "Principal",
  description: "A user, team or vendor to whom work can be assigned.",
  types: () => [User, Team, Vendor] as const,
  resolveType: ({ __typename }) => __typename,
});
