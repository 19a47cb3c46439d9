export { outboundClient, type OutboundClient, OutboundFailed, type OutboundRequest, type OutboundResponse } from "./client.js";
export { isPortAllowed, type OutboundPolicy } from "./policy.js";
export type { Resolve } from "./resolve.js";
export { allowedAddresses, connectAllowed, isSocketListed, refusalOfAddresses } from "./socket.js";
export { assertUrlAllowed } from "./url.js";
