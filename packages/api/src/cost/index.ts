export { Cost } from "./cost.js";
