export type { ObjectType, TenantWideAccess } from "./aggregate.js";
export { isBusinessType } from "./business-types.js";
export { type Entries, entriesOf } from "./entries.js";
