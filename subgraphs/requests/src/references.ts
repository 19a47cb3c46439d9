import { type EntityStub, entityStub } from "@weft/api/subgraph";
import { createUnionType } from "type-graphql";

/** Entities that other subgraphs own, with only their ID. */

export const User = entityStub("User", "A user, owned by identity.");
export type User = EntityStub;

export const Team = entityStub("Team", "A team, owned by identity.");

export const Vendor = entityStub("Vendor", "A vendor, owned by vendors.");

export const WorkflowInstance = entityStub("WorkflowInstance", "A running or finished workflow, owned by workflows.");
export type WorkflowInstance = EntityStub;

/** Possible assignees of work. */
export const Principal = createUnionType({
  name: "Principal",
  description: "An assignee of work: a user, a team, or a vendor.",
  types: () => [User, Team, Vendor] as const,
  resolveType: ({ __typename }) => __typename,
});
