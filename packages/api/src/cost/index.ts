export { Cost } from "./cost.js";
export { type ListSize, SizedBy } from "./list-size.js";
