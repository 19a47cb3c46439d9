export { Cost, declaredCosts } from "./cost.js";
