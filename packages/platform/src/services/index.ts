export type { Services } from "./services.js";
