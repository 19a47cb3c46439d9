export { dueContracts } from "./contracts/lifetime/due-contracts.js";
export { vendorsSubgraph } from "./schema.js";
export { importedVendors } from "./vendors/imported-vendors.js";
