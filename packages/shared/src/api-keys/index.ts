export { isAllowedAddress, networkOfText } from "./allowed-addresses.js";
export { apiKeyColumn, type ApiKeyRow, limitedToKey } from "./api-key-rights.js";
export { apiKeyPrefix, newApiKey, readApiKey, secretIdOf } from "./api-key-text.js";
