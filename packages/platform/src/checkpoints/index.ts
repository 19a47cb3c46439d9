export { openDestinations } from "./open-destinations.js";
export { type CheckpointAttempt, CheckpointPublisher } from "./publisher.js";
