export { changedDocument, changeProblems, rootOfChange } from "./change.js";
export { differences, type DocumentDifference, normal as normalDocument } from "./document.js";
export {
  announceConfiguration,
  effectiveConfigIn,
  effectiveConfigOf,
  forgetConfigurationBy,
  onConfigurationChange,
  planConfigOf,
} from "./effective.js";
export { findLayers } from "./effective.store.js";
export { type NotificationKindName, notificationKinds } from "./notification-kinds.js";
export {
  type ConfigurationLayer,
  type EffectiveConfig,
  limitNames,
  type Rate,
  resolveConfiguration,
  toEffectiveConfig,
} from "./resolve.js";
export { type ConfigurationLevel, configurationSchema } from "./schema.js";
export { type ConfigurationDocument, documentOf, settingAt } from "./settings.js";
export { documentProblems } from "./validate.js";
