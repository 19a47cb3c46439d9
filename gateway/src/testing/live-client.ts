export { openLive, type LiveClient, type LiveMessage } from "@weft/testkit/live-client";
