export { assertComputingShare, Computing } from "./computing.js";
export { fieldTurns } from "./field-turns.js";
export { processorMs } from "./processor-ms.js";
