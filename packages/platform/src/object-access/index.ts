export { givenToVendor, grantObjectAccess, lockObjectAccess, revokeObjectAccess } from "./object-access.js";
