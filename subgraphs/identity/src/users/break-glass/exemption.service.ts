/** Which users can log in with a password although single sign-on is required. */
export { findExemption, hasBreakGlassUser } from "./break-glass.store.js";

/** What to do before single sign-on can be required. */
export const noBreakGlassUser =
  "Nobody could log in if the identity provider failed. Name a break-glass user first with setBreakGlass: an active employee with a password.";
