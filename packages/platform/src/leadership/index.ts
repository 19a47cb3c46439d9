export { Alarm } from "./alarm.js";
export { lead, pause } from "./lead.js";
