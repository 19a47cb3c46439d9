export { backgroundContext } from "./background-context.js";
export { type Context, openContext, type OpenContext, toldToWait } from "./context.js";
export { loadById, referencesEach, referencesThrough, rowLoader, type RowLoader } from "./row-loader.js";
