/** References to users, teams and vendors, which the identity and vendors subgraphs own. */
import { type EntityStub, entityStub } from "@weft/shared";
import { createUnionType } from "type-graphql";

export const User = entityStub("User");
export type User = EntityStub;

export const Team = entityStub("Team");
export type Team = EntityStub;

export const Vendor = entityStub("Vendor");

export const Principal = createUnionType({
  name: "Principal",
  description: "A user, team or vendor to whom work can be assigned.",
  types: () => [User, Team, Vendor] as const,
  resolveType: ({ __typename }) => __typename,
});
