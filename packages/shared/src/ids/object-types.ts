import type { ObjectType } from "../aggregates/aggregate.js";
import { entriesOf, type Entries } from "../aggregates/entries.js";

type ObjectTypes = Entries<"types">;

/** Every kind of object. ID types, event subjects, audited types, references of the audit subgraph and the isolation tests are derived from it. */
export const objectTypes: ObjectTypes = entriesOf("types");

export type IdType = keyof ObjectTypes;

type WithRole<Role extends ObjectType["role"]> = { [T in IdType]: ObjectTypes[T]["role"] extends Role ? T : never }[IdType];

/** Types that events and audit entries can be about. */
export type SubjectType = WithRole<"entity" | "subject">;

/** Types that have an `auditTrail` and that `node` resolves through the owning subgraph. */
type EntityType = WithRole<"entity">;

/** Types that `node` resolves through the owning subgraph. */
export type NodeType = WithRole<"entity" | "node">;

const idTypes = Object.keys(objectTypes) as IdType[];

export const subjectTypes = idTypes.filter((type): type is SubjectType => ["entity", "subject"].includes(objectTypes[type].role));
export const entityTypes = idTypes.filter((type): type is EntityType => objectTypes[type].role === "entity");
export const nodeTypes = idTypes.filter((type): type is NodeType => ["entity", "node"].includes(objectTypes[type].role));
