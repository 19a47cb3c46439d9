export { MAX_RESULT_BYTES } from "./connector.js";
export type { Connector, ConnectorAction, ConnectorContext, JsonSchema, Problem } from "./connector.js";
export { connectors, findConnector } from "./connectors.js";
export { ConnectorError } from "./errors.js";
export type { ConnectorErrorKind } from "./errors.js";
