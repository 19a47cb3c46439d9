export { type Chore, startCleaner } from "./cleaner.js";
export { deleteOld } from "./delete-old.js";
