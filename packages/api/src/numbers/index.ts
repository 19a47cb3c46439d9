export { nextNumber, type Numbering, numberingOf } from "./next-number.js";
