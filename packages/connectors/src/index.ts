export { MAX_POLL_ITEMS, MAX_RESULT_BYTES } from "./connector.js";
export type {
  Connector,
  ConnectorAction,
  ConnectorContext,
  ConnectorTrigger,
  JsonSchema,
  PollCursor,
  PolledItem,
  PollResult,
  Problem,
} from "./connector.js";
export { connectors, findConnector } from "./connectors.js";
export { chatMessage } from "./chat/chat.connector.js";
export type { ChatMessage } from "./chat/chat.connector.js";
export { ConnectorError, errorOfFailure, errorOfStatus } from "./errors.js";
export type { ConnectorErrorKind } from "./errors.js";
export { type SmsGateway, SmsRefused, twilioGateway } from "./sms/sms-gateway.js";
export { textWithLink } from "./sms/text-message.js";
