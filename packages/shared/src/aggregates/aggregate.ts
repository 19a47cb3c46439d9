import type { z } from "zod";

/** A kind of object that has an ID. */
export interface ObjectType {
  /** Prefix of its TypeIDs. Prefixes are public and never change. */
  readonly prefix: string;
  /** GraphQL type. Absent if the type is not an entity of the supergraph. */
  readonly typeName?: string;
  /** Table of its rows, as `schema.table`. */
  readonly table: string;
  /**
   * - `entity`: events and audit entries can be about it, it has an `auditTrail`, and `node` resolves it through its owning subgraph
   * - `node`: `node` resolves it through its owning subgraph; events and audit entries about it are about another object
   * - `subject`: events and audit entries can be about it
   * - `record`: describes another object
   */
  readonly role: "entity" | "node" | "subject" | "record";
  /** What a change of an object changes: rights of users, or how the organization works and what it keeps as evidence. Absent: everyday work, which no report of changes lists. */
  readonly changes?: "RIGHTS" | "CONFIGURATION";
}

/**
 * Users who can learn of the event.
 * - `subject`: users who can see the subject (the same predicate as for reading it)
 * - `user`: the user referenced by `payload.userId`
 * - `internal`: nobody outside the platform (sessions, rights)
 */
export type EventVisibility = "subject" | "user" | "internal";

/** A type of events. `Type`: types of objects. */
export interface DeclaredEvent<Type extends string = string> {
  /** Incremented when the payload changes incompatibly. Readers receive the version that was written. Default: 1. */
  readonly version?: number;
  /** IDs and plain facts. Payloads must not contain personal values; to refer to a person, they contain the user's ID. Default: empty. */
  readonly payload?: z.ZodType;
  /** Default: the first type of the manifest. */
  readonly subject?: Type;
  /** Whether an event can be about an object of any type. Then `subject` is its type if the writer specifies none. */
  readonly isAboutAny?: true;
  /** Types of further objects that the event can reference. Default: none. */
  readonly related?: readonly Type[];
  readonly visibility: EventVisibility;
}

/** Access to the objects of a type that have no owner, assignee, or team. */
export interface TenantWideAccess {
  /** Column with the building of an object, if it is in one. */
  readonly building?: "id" | "buildingId";
  /** Objects that users of a vendor see. Default: those that the vendor was given. The table's policy has the same condition. */
  readonly vendorsSee?: "all" | "none";
}

/** What Weft knows about an aggregate everywhere. Nearly every file imports manifests, so they import only schemas of payloads. */
export interface Aggregate {
  /** Types of objects: the aggregate, then those that describe it. */
  readonly types: Readonly<Record<string, ObjectType>>;
  /** Types whose objects have no owner, assignee, or team, so that only scope TENANT reaches them, and scope BUILDING those in a building. */
  readonly tenantWide?: Readonly<Record<string, TenantWideAccess>>;
  /** Descriptions of permissions, by name. */
  readonly permissions?: Readonly<Record<string, string>>;
  /**
   * Whether a platform operator can change it in another tenant: business objects only. With other objects (users, roles, configuration), operators
   * could leave themselves access after their session ends.
   */
  readonly isChangedByOperators?: true;
  /** Whether most built-in roles can view it, and the role `operations` has all permissions for it: where the work is, and what it is about. */
  readonly isMasterData?: true;
  /** Types of events, by name. */
  readonly events?: Readonly<Record<string, DeclaredEvent>>;
}
