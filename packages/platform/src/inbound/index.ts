export { inboundBodyOf, type InboundContent, inboundFormatOf } from "./content.js";
export { inboundFields, type InboundServices, MAX_INBOUND_BYTES, type Received, receiveInbound } from "./receive.js";
export { inboundSecretProblem, newInboundSecret } from "./secret.js";
