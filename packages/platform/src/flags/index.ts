export type { FlagKey } from "./declared-flags.js";
export { type FlagProvider, type Flags, openFlags } from "./open-flags.js";
