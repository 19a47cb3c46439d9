export { isAllowedAddress, networkOfText } from "./allowed-addresses.js";
export { apiKeyPrefix, newApiKey, readApiKey, secretIdOf } from "./api-key-text.js";
