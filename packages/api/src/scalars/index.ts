export { DateTimeScalar } from "./date-time.js";
export { jsonProblem } from "./json-bounds.js";
export { JsonScalar } from "./json.js";
export { SafeIntScalar } from "./safe-int.js";
