export { csvOf } from "./write-csv.js";
