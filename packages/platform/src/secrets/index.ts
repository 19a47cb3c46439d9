export { encryptJson, hasPlainJson } from "./encrypt-json.js";
export { masterKeys, type MasterKeys, oneMasterKey } from "./master-keys.js";
export { findPlainNames, type PlainName, type VersionKey } from "./reencrypt-json.store.js";
export { reencryptTenant } from "./reencrypt.js";
export { type Rewrapping, rewrapTenant } from "./rewrap.js";
export { sealedColumns } from "./sealed-columns.js";
export { sealedJson, type SealedJson } from "./sealed-json.js";
export { isSealedValue, type SealedValueObject } from "./sealed-value.js";
export { type SearchedValue, type Secret, tenantSecrets, type TenantSecrets } from "./tenant-secrets.js";
