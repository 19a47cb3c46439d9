export { openDestinations } from "./open-destinations.js";
export { CheckpointPublisher } from "./publisher.js";
