export { expiredKeys } from "./expired-keys.js";
export { createOnce, type KeyedCall, keyedCallOf, once, type OnceCall } from "./once.js";
export type { KeyPlace, OnceResult } from "./once.store.js";
