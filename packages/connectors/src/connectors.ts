import { chatConnector } from "./chat/chat.connector.js";
import type { Connector } from "./connector.js";
import { httpConnector } from "./http/http.connector.js";
import { openApiConnector } from "./openapi/openapi.connector.js";
import { postgresqlConnector } from "./postgresql/postgresql.connector.js";
import { s3Connector } from "./s3/s3.connector.js";
import { smtpConnector } from "./smtp/smtp.connector.js";

/** All connectors, in the order in which they are listed. */
export const connectors: readonly Connector[] = [
  httpConnector,
  chatConnector,
  s3Connector,
  openApiConnector,
  smtpConnector,
  postgresqlConnector,
];

/** Returns the connector of that key. Null if there is none. */
export const findConnector = (key: string): Connector | null => connectors.find((connector) => connector.key === key) ?? null;
