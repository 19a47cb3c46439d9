export { eventCursors, type EventCursors } from "./event-cursors.js";
export { liveCursorField, liveCursorResolver } from "./live-cursor.js";
export { cursorOf, liveField } from "./live-field.js";
export { type LiveLog, liveFields } from "./live-fields.js";
export { sendSignal } from "./send-signal.js";
