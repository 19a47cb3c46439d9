export { concernsInstances } from "./concerns-instances.js";
export { endingTypes, isEnding } from "./ending.js";
export {
  ANY_SUBJECT,
  channels,
  type EventEnvelope,
  MAX_NAMED_RUNS,
  type NewRun,
  parseEnvelope,
  parseHeads,
  parseNewRuns,
  parseSignal,
  type PositionHead,
  type Signal,
  signalEvent,
  type SignalType,
  signalTypes,
} from "./envelope.js";
export { describeEventType, undescribedTypes } from "./event-descriptions.js";
export { type EventPayload, type EventType, eventTypes, isEventType } from "./registry.js";
export {
  deliverableTypes,
  eventSchemaOf,
  isTriggering,
  payloadSchemaOf,
  publishedEvent,
  shownEvent,
  triggeringTypes,
} from "./shown-payload.js";
