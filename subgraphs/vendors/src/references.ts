import { type EntityStub, entityStub } from "@weft/shared";

/** Entities that other subgraphs own, with only their ID. */

export const User = entityStub("User", "A user, owned by identity.");
export type User = EntityStub;

export const Request = entityStub("Request", "A request, owned by requests.");

export const WorkflowInstance = entityStub("WorkflowInstance", "A running or finished workflow, owned by workflows.");
export type WorkflowInstance = EntityStub;

export const Building = entityStub("Building", "A building, owned by requests.");
